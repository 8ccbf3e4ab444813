/**
 * What of the tools a language model may use.
 *
 * B1 Only tools whose server says that they change nothing: text in the data can talk a model into
 *    calling what it is offered, so what writes is not offered.
 * B2 What the task gives (the run) is filled in here and cannot be chosen by the model.
 * B3 Calls are bounded in number, time and size; a failed one is told to the model, which may try
 *    another way.
 */
import type { ToolSet } from "ai";
import type { CallRecord } from "../../../engines/grounding/ground.ts";
import type { ProgressData } from "../../../protocol/telemetry.ts";
import type { ToolOffer, ToolSession } from "../../runtime/tool-session.ts";

/** The tools of one server. */
export interface Toolbox {
  readonly session: Pick<ToolSession, "call">;
  readonly offers: readonly ToolOffer[];
  /** Put in front of the tools' names; empty for our own server. */
  readonly prefix: string;
  /** Arguments that are filled in where a tool has one of that name (B2). */
  readonly bound: Readonly<Record<string, unknown>>;
}

/** A call that has been made; its result is undefined when it failed. */
export interface ToolUse extends CallRecord {
  readonly tool: string;
}

/** What using tools is told to and stopped by. */
export interface ToolWatch {
  readonly signal: AbortSignal;
  tell(data: ProgressData): void;
  onUse(use: ToolUse): void;
}

/** Calls one answer may take, however they are spread over requests. */
const MAXIMUM_CALLS = 32;

/** Longest time of a call, milliseconds. */
const CALL_TIMEOUT_MS = 30_000;

/** What a model reads of a result, characters. */
const MAXIMUM_RESULT = 20_000;

/** What providers take as the name of a tool. */
const TOOL_NAME = /^[A-Za-z0-9_-]{1,64}$/;

/** The tools a model is offered, by the names it calls them. */
export async function bridgeTools(boxes: readonly Toolbox[], watch: ToolWatch): Promise<ToolSet> {
  const { dynamicTool, jsonSchema } = await import("ai");
  const tools: ToolSet = {};
  let left = MAXIMUM_CALLS;
  for (const box of boxes) {
    for (const offer of box.offers) {
      const name = `${box.prefix}${offer.name}`;
      if (!offer.isReadOnly || !TOOL_NAME.test(name)) continue; // B1
      tools[name] = dynamicTool({
        description: offer.description.slice(0, 1000),
        inputSchema: jsonSchema(visibleSchema(offer.inputSchema, box.bound)),
        execute: (given) => {
          left -= 1;
          if (left < 0) return { error: "No more calls: answer with what you have." }; // B3
          return callOffered({ name, offer, box, given: objectOf(given) }, watch);
        },
      });
    }
  }
  return tools;
}

async function callOffered(
  use: {
    readonly name: string;
    readonly offer: ToolOffer;
    readonly box: Toolbox;
    readonly given: Readonly<Record<string, unknown>>;
  },
  { signal, tell, onUse }: ToolWatch,
): Promise<unknown> {
  const { name, offer, box, given } = use;
  const began = Date.now();
  tell({ kind: "tool-called", tool: name, outcome: "started", durationMs: null });
  const text = JSON.stringify(given).slice(0, 1000);
  tell({ kind: "logged", level: "info", message: `asks ${name} ${text}` });
  const called = await box.session.call({
    tool: offer.name,
    arguments: { ...given, ...boundOf(offer, box.bound) },
    timeoutMs: CALL_TIMEOUT_MS,
    signal: AbortSignal.any([signal, AbortSignal.timeout(CALL_TIMEOUT_MS)]),
    onProgress: () => undefined,
  });
  const outcome = called.ok ? "succeeded" : "failed";
  tell({ kind: "tool-called", tool: name, outcome, durationMs: Date.now() - began });
  onUse({ tool: name, arguments: given, result: called.ok ? called.value : undefined });
  return called.ok ? shorten(called.value) : { error: called.error.message.slice(0, 2000) };
}

/** The schema without what is filled in. */
function visibleSchema(
  schema: ToolOffer["inputSchema"],
  bound: Toolbox["bound"],
): Readonly<Record<string, unknown>> {
  const { properties, required, ...rest } = schema;
  const visible = Object.entries(objectOf(properties)).filter(
    ([key]) => !Object.hasOwn(bound, key),
  );
  const names: readonly unknown[] = Array.isArray(required) ? required : [];
  return {
    ...rest,
    type: "object",
    properties: Object.fromEntries(visible),
    required: names.filter((name) => !Object.hasOwn(bound, String(name))),
  };
}

function boundOf({ inputSchema }: ToolOffer, bound: Toolbox["bound"]): Toolbox["bound"] {
  const wanted = objectOf(inputSchema["properties"]);
  return Object.fromEntries(Object.entries(bound).filter(([key]) => Object.hasOwn(wanted, key)));
}

function shorten(value: unknown): unknown {
  const text = JSON.stringify(value) ?? "";
  return text.length <= MAXIMUM_RESULT ? value : `${text.slice(0, MAXIMUM_RESULT)}… (cut)`;
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return value !== null && typeof value === "object" && !Array.isArray(value) ? { ...value } : {};
}
