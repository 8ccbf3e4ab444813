/**
 * Reads a flow from YAML text. Every problem carries its line and what to do about it; a text with
 * any problem gives no flow.
 */
import type { Document, YAMLParseError } from "yaml";
import { isMap, isNode, LineCounter, parseDocument } from "yaml";
import type { z } from "zod";
import type { Result } from "../base/result.ts";
import { err, ok } from "../base/result.ts";
import { stepIdSchema } from "../protocol/ids.ts";
import { checkFlow } from "./check-flow.ts";
import type { KnownAgents } from "./custom-agent.ts";
import type { Flow, FlowProblem } from "./flow.ts";
import { flowFileSchema } from "./flow-file-schema.ts";

/** Longest flow file in characters. */
const MAXIMUM_TEXT_LENGTH = 100_000;

/** Deepest nesting of a file: its inputs become messages, which allow no more. */
const MAXIMUM_DEPTH = 60;

/** Parses and validates the text of a flow file, which may name `agents` besides the built-in. */
export function parseFlow(
  text: string,
  agents: KnownAgents = [],
): Result<Flow, readonly FlowProblem[]> {
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
  const problems = checkFlow(flow, lineOf, agents);
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
      input: step.tool === undefined ? step.input : { tool: step.tool, arguments: step.input },
      retry: {
        attempts: step.retry.attempts,
        initialDelayMs: step.retry.delay,
        factor: step.retry.factor,
        maximumDelayMs: step.retry["maximum-delay"],
      },
      timeoutMs: step.timeout,
      ...(step.when === undefined ? {} : { when: step.when }),
      ...(step.foreach === undefined
        ? {}
        : {
            foreach: {
              items: step.foreach.items,
              maximumParallel: step.foreach["max-parallel"],
            },
          }),
      ...(step.approval === undefined ? {} : { approval: step.approval }),
      ...(step.cache ? { cache: true } : {}),
    })),
  };
}
