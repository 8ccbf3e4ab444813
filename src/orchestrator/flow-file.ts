/**
 * Reads a flow from YAML text. Every problem carries its line and what to do about it; a text with
 * any problem gives no flow.
 */
import type { Document, YAMLParseError } from "yaml";
import { isMap, isNode, LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import type { Result } from "../base/result.ts";
import { err, ok } from "../base/result.ts";
import { stepIdSchema, TASK_AGENT_NAMES } from "../protocol/ids.ts";
import { jsonSchema } from "../protocol/json.ts";
import { checkFlow } from "./check-flow.ts";
import type { Flow, FlowProblem } from "./flow.ts";
import { MAXIMUM_STEPS, parameterSchema } from "./flow.ts";
import { DEFAULT_RETRY } from "./retry.ts";

/** Longest flow file in characters. */
const MAXIMUM_TEXT_LENGTH = 100_000;

/** How long an attempt may take when the file does not say. */
const DEFAULT_TIMEOUT_MS = 120_000;

/** Longest delay between attempts, milliseconds; what the schema of a retry policy allows. */
const MAXIMUM_DELAY_MS = 3_600_000;

/** Longest an attempt may take, milliseconds. */
const MAXIMUM_TIMEOUT_MS = 86_400_000;

/** Deepest nesting of a file: its inputs become messages, which allow no more. */
const MAXIMUM_DEPTH = 60;

/** A length of time: a number of seconds, or text such as `500ms`, `30s`, `2m`, `1h`. */
const durationMs = z.union([
  z
    .number()
    .nonnegative()
    .transform((seconds) => seconds * 1000),
  z
    .string()
    .regex(/^\d{1,7}(\.\d{1,6})?(ms|s|m|h)$/, "write a time as 500ms, 30s, 2m or 1h")
    .transform((text) => Number.parseFloat(text) * unitMs(text)),
]);

/** The milliseconds in one unit of a time as `durationMs` reads it. */
function unitMs(text: string): number {
  if (text.endsWith("ms")) return 1;
  if (text.endsWith("s")) return 1000;
  return text.endsWith("m") ? 60_000 : 3_600_000;
}

const delayMs = durationMs.refine((ms) => ms <= MAXIMUM_DELAY_MS, "a delay is at most 1h");

const timeoutMs = durationMs
  .refine((ms) => ms >= 1, "a timeout is at least 1ms")
  .refine((ms) => ms <= MAXIMUM_TIMEOUT_MS, "a timeout is at most 24h");

const retryFileSchema = z.strictObject({
  attempts: z.int().min(1).max(20).default(DEFAULT_RETRY.attempts),
  delay: delayMs.default(DEFAULT_RETRY.initialDelayMs),
  factor: z.number().min(1).max(10).default(DEFAULT_RETRY.factor),
  "maximum-delay": delayMs.default(DEFAULT_RETRY.maximumDelayMs),
});

const stepFileSchema = z.strictObject({
  agent: z.enum(TASK_AGENT_NAMES, {
    error: `unknown agent; the agents are ${TASK_AGENT_NAMES.join(", ")}`,
  }),
  needs: z
    .union([stepIdSchema.transform((id) => [id]), z.array(stepIdSchema).max(MAXIMUM_STEPS)])
    .default([]),
  input: z.record(z.string(), jsonSchema).default({}),
  retry: retryFileSchema.prefault({}),
  timeout: timeoutMs.default(DEFAULT_TIMEOUT_MS),
});

const flowFileSchema = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, "use lower case letters, digits and dashes"),
  description: z.string().max(2000).default(""),
  params: z
    .record(
      z.string().regex(/^[A-Za-z_][A-Za-z0-9_-]{0,49}$/, "use letters, digits, dash, underscore"),
      parameterSchema,
    )
    .default({}),
  steps: z
    .record(stepIdSchema, stepFileSchema)
    .refine((steps) => Object.keys(steps).length > 0, "a flow needs at least one step")
    .refine(
      (steps) => Object.keys(steps).length <= MAXIMUM_STEPS,
      `a flow has at most ${MAXIMUM_STEPS} steps`,
    ),
});

/** Parses and validates the text of a flow file. */
export function parseFlow(text: string): Result<Flow, readonly FlowProblem[]> {
  if (text.length > MAXIMUM_TEXT_LENGTH) {
    return err([
      {
        line: 1,
        message: `the file is longer than ${MAXIMUM_TEXT_LENGTH} characters`,
        remedy: "split the flow",
      },
    ]);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, schema: "core", logLevel: "error" });
  if (document.errors.length > 0) {
    return err(document.errors.map((error) => syntaxProblem(error, lines)));
  }
  const content = contentOf(document);
  if (!content.ok) return content;
  const parsed = flowFileSchema.safeParse(content.value);
  const lineOf = (path: readonly PropertyKey[]): number => lineOfPath(document, lines, path);
  if (!parsed.success) {
    return err(
      parsed.error.issues.map((issue) => ({
        line: lineOf(placeOf(issue)),
        message: `${issue.path.map(String).join(".") || "the file"}: ${issue.message}`,
        remedy: remedyOf(issue),
      })),
    );
  }
  const flow = toFlow(parsed.data);
  const problems = checkFlow(flow, lineOf);
  return problems.length === 0 ? ok(flow) : err(problems);
}

function contentOf(document: Document): Result<unknown, readonly FlowProblem[]> {
  if (!isMap(document.contents)) {
    return err([
      {
        line: 1,
        message: "the file is not a map of name, params and steps",
        remedy: "start with `name: my-flow` and `steps:`",
      },
    ]);
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch {
    return err([{ line: 1, message: "too many YAML aliases", remedy: "write the values out" }]);
  }
  if (!isDeeperThan(value, MAXIMUM_DEPTH)) return ok(value);
  const message = `the file is nested deeper than ${MAXIMUM_DEPTH} levels, or an alias holds itself`;
  return err([{ line: 1, message, remedy: "write flatter inputs" }]);
}

/** Stops at the first path that is too long, so that a value that holds itself ends it as well. */
function isDeeperThan(value: unknown, levels: number): boolean {
  if (value === null || typeof value !== "object") return false;
  return levels === 0 || Object.values(value).some((member) => isDeeperThan(member, levels - 1));
}

/** What the parser adds to its messages; the line is told apart. */
const PLACE_AND_EXCERPT = / at line \d+, column \d+:.*$/s;

function syntaxProblem(error: YAMLParseError, lines: LineCounter): FlowProblem {
  return {
    line: lines.linePos(error.pos[0]).line,
    message: `not valid YAML: ${error.message.replace(PLACE_AND_EXCERPT, "")}`,
    remedy: "mend the indentation or quote the text",
  };
}

/** Where a problem is: an unknown key itself, not the map that holds it. */
function placeOf(issue: z.core.$ZodIssue): readonly PropertyKey[] {
  return issue.code === "unrecognized_keys"
    ? [...issue.path, ...issue.keys.slice(0, 1)]
    : issue.path;
}

function remedyOf(issue: z.core.$ZodIssue): string {
  if (issue.code === "unrecognized_keys") {
    return `remove or correct ${issue.keys.join(", ")}`;
  }
  return issue.code === "invalid_type"
    ? `give a value of type ${issue.expected}`
    : "correct the value";
}

/** The line of the deepest part of `path` that the file has. */
function lineOfPath(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const parent =
      length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    const key = path[length - 1];
    const offset = isMap(parent)
      ? keyOffset(parent.items.find((pair) => String(pair.key) === String(key)))
      : undefined;
    if (offset !== undefined) return lines.linePos(offset).line;
  }
  return 1;
}

function keyOffset(pair: { readonly key: unknown } | undefined): number | undefined {
  return isNode(pair?.key) ? pair.key.range?.[0] : undefined;
}

function toFlow(file: z.infer<typeof flowFileSchema>): Flow {
  return {
    name: file.name,
    description: file.description,
    parameters: file.params,
    steps: Object.entries(file.steps).map(([id, step]) => ({
      id: stepIdSchema.parse(id),
      agent: step.agent,
      needs: step.needs,
      input: step.input,
      retry: {
        attempts: step.retry.attempts,
        initialDelayMs: step.retry.delay,
        factor: step.retry.factor,
        maximumDelayMs: step.retry["maximum-delay"],
      },
      timeoutMs: step.timeout,
    })),
  };
}
