/** Reads a small YAML file of the operator's as what a schema says; problems name their line. */
import { isMap, LineCounter, parseDocument } from "yaml";
import type { z } from "zod";
import type { Result } from "../base/result.ts";
import { err, ok } from "../base/result.ts";

const MAX_TEXT = 100_000;

/** What a file says, and where each of its keys stands. */
export interface ReadMap<Value> {
  readonly value: Value;
  /** The line of a key of the file itself; 1 for one that it has not. */
  lineOf(key: string): number;
}

/** The file's content, or what is wrong with it as a sentence. */
export function readYamlMap<Schema extends z.ZodType>(
  text: string,
  schema: Schema,
): Result<ReadMap<z.infer<Schema>>, string> {
  if (text.length > MAX_TEXT) return err(`The file is longer than ${MAX_TEXT} characters.`);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, schema: "core", logLevel: "error" });
  const [fault] = document.errors;
  if (fault !== undefined) {
    const { line } = lines.linePos(fault.pos[0]);
    return err(`Not valid YAML (line ${line}): ${fault.message.split(" at line ")[0]}.`);
  }
  const lineOf = (key: string): number => lineIn(document.contents, lines, key);
  const parsed = schema.safeParse(contentOf(document));
  if (parsed.success) return ok({ value: parsed.data, lineOf });
  const [issue] = parsed.error.issues;
  const path = (issue?.path ?? []).map(String);
  const place = path.join(".") || "The file";
  return err(`${place}: ${issue?.message} (line ${lineOf(path[0] ?? "")}).`);
}

function contentOf(document: ReturnType<typeof parseDocument>): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch {
    return undefined; // Too many aliases: then it is no map of the known keys either.
  }
}

function lineIn(contents: unknown, lines: LineCounter, key: string): number {
  if (!isMap(contents)) return 1;
  const pair = contents.items.find(({ key: one }) => String(one) === key);
  const range: unknown = Reflect.get(Object(pair?.key), "range");
  const offset: unknown = Array.isArray(range) ? range[0] : 0;
  return lines.linePos(typeof offset === "number" ? offset : 0).line;
}
