/**
 * `${{ … }}` in a step's input: a path look-up, never evaluated code.
 * Roots: `params.<name>…`, `steps.<step>.output…`, `base.<step>.output…` (the outputs of the run
 * that this one is based on), `feedback.<step>` (what a person said when pushing work back to it),
 * and in a fan-out `item…` and `index`.
 */
import type { JsonValue } from "../base/json-value.ts";
import { isJsonArray } from "../base/json-value.ts";
import type { Result } from "../base/result.ts";
import { err, ok } from "../base/result.ts";

/** What look-ups may reach. */
export interface Scope {
  readonly params: JsonValue;
  readonly steps: JsonValue;
  readonly base: JsonValue;
  readonly feedback?: JsonValue;
  /** In an instance of a fan-out: its member of the list, and its place from 0. */
  readonly item?: JsonValue;
  readonly index?: JsonValue;
}

const REFERENCE = /\$\{\{([^{}]*)\}\}/g;
const WHOLE_REFERENCE = /^\s*\$\{\{([^{}]*)\}\}\s*$/;
const SEGMENT = String.raw`(\.[A-Za-z_][A-Za-z0-9_-]*|\[\d{1,6}\])`;
const PATH = new RegExp(`^((params|steps|base|feedback)${SEGMENT}+|item${SEGMENT}*|index)$`);

/** A reference as segments, `["steps", "simulation", "output"]`, or why it is not one. */
export function parseReference(text: string): Result<readonly string[], string> {
  const path = text.trim();
  if (!PATH.test(path)) {
    return err(
      `"${path}" is not a look-up; write params.<name>, steps.<step>.output… or base.<step>.output…`,
    );
  }
  return ok(path.replaceAll("]", "").split(/[.[]/));
}

/** Whether a text is one reference and nothing else. */
export function isWholeReference(text: string): boolean {
  return WHOLE_REFERENCE.test(text);
}

/** Every reference in a value, as it is written; one that is not closed keeps its `${{`. */
export function referencesIn(value: JsonValue): readonly string[] {
  if (typeof value === "string") {
    const closed = [...value.matchAll(REFERENCE)].map((match) => match[0].slice(3, -2));
    const [, ...open] = value.replaceAll(REFERENCE, "").split("${{");
    return [...closed, ...open.map((rest) => `\${{${rest}`)];
  }
  if (value === null || typeof value !== "object") return [];
  return Object.values(value).flatMap(referencesIn);
}

/** Replaces the references of a value; a string that is one reference becomes the value itself. */
export function resolveReferences(value: JsonValue, scope: Scope): Result<JsonValue, string> {
  if (typeof value === "string") return resolveText(value, scope);
  if (value === null || typeof value !== "object") return ok(value);
  if (isJsonArray(value)) return resolveAll(value, scope);
  const members = Object.entries(value);
  const resolved = resolveAll(
    members.map(([, member]) => member),
    scope,
  );
  if (!resolved.ok) return resolved;
  return ok(
    Object.fromEntries(members.map(([key], index) => [key, resolved.value[index] ?? null])),
  );
}

function resolveAll(
  values: readonly JsonValue[],
  scope: Scope,
): Result<readonly JsonValue[], string> {
  const resolved: JsonValue[] = [];
  for (const member of values) {
    const one = resolveReferences(member, scope);
    if (!one.ok) return one;
    resolved.push(one.value);
  }
  return ok(resolved);
}

function resolveText(text: string, scope: Scope): Result<JsonValue, string> {
  const whole = WHOLE_REFERENCE.exec(text);
  if (whole?.[1] !== undefined) return lookUp(whole[1], scope);
  let problem: string | undefined;
  const replaced = text.replaceAll(REFERENCE, (_, path: string) => {
    const found = lookUp(path, scope);
    if (!found.ok) {
      problem ??= found.error;
      return "";
    }
    return typeof found.value === "string" ? found.value : JSON.stringify(found.value);
  });
  return problem === undefined ? ok(replaced) : err(problem);
}

function lookUp(path: string, scope: Scope): Result<JsonValue, string> {
  const segments = parseReference(path);
  if (!segments.ok) return segments;
  let current: JsonValue = { ...scope };
  for (const segment of segments.value) {
    const next = memberOf(current, segment);
    if (next === undefined) return err(`${path.trim()}: there is no "${segment}"`);
    current = next;
  }
  return ok(current);
}

function memberOf(value: JsonValue, key: string): JsonValue | undefined {
  if (value === null || typeof value !== "object") return undefined;
  if (isJsonArray(value)) return value[Number(key)];
  return Object.hasOwn(value, key) ? value[key] : undefined;
}
