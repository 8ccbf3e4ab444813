/**
 * Conditions of a flow file (`when`): comparisons as data, never evaluated code. Total: a value that
 * is not there or is of another kind than it is compared with makes a comparison false.
 */
import { z } from "zod";
import type { JsonValue } from "../base/json-value.ts";
import { isJsonArray } from "../base/json-value.ts";
import { jsonSchema } from "../protocol/json.ts";
import { canonicalText } from "./digest.ts";
import type { Scope } from "./references.ts";
import { referencesIn, resolveReferences } from "./references.ts";

const comparisonSchema = z
  .strictObject({
    /** What is looked at: usually one reference. */
    value: jsonSchema,
    equals: jsonSchema.optional(),
    "not-equals": jsonSchema.optional(),
    above: jsonSchema.optional(),
    "at-least": jsonSchema.optional(),
    below: jsonSchema.optional(),
    "at-most": jsonSchema.optional(),
    "one-of": z.array(jsonSchema).max(100).optional(),
    exists: z.boolean().optional(),
  })
  .refine(
    (comparison) => Object.keys(comparison).length > 1,
    "say what the value is compared with: equals, not-equals, above, at-least, below, at-most, one-of or exists",
  );
type Comparison = z.infer<typeof comparisonSchema>;

/** A condition: one comparison, or several joined by `all`, `any` or `not`. */
export type Condition =
  | Comparison
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition };

export const conditionSchema: z.ZodType<Condition> = z.lazy(() =>
  z.union(
    [
      comparisonSchema,
      z.strictObject({ all: z.array(conditionSchema).min(1).max(100) }),
      z.strictObject({ any: z.array(conditionSchema).min(1).max(100) }),
      z.strictObject({ not: conditionSchema }),
    ],
    "a condition is a map of `value` and a comparison (equals, not-equals, above, at-least, below, at-most, one-of, exists), or of `all`, `any` or `not`",
  ),
);

/** Whether a condition holds; every comparison within one map must. */
export function holds(condition: Condition, scope: Scope): boolean {
  if ("all" in condition) return condition.all.every((one) => holds(one, scope));
  if ("any" in condition) return condition.any.some((one) => holds(one, scope));
  if ("not" in condition) return !holds(condition.not, scope);
  const value = lookedUp(condition.value, scope);
  return (Object.keys(COMPARE) as (keyof typeof COMPARE)[]).every((name) => {
    const expected = condition[name];
    if (expected === undefined) return true;
    return COMPARE[name](value, name === "exists" ? expected : lookedUp(expected, scope));
  });
}

/** Every reference in a condition, as it is written, however deep. */
export function referencesOfCondition(condition: Condition): readonly string[] {
  return Object.values(condition).flatMap((part) => referencesIn(part ?? null));
}

type Value = JsonValue | undefined;

const COMPARE = {
  equals: (value: Value, expected: Value) => same(value, expected),
  "not-equals": (value: Value, expected: Value) => !same(value, expected),
  above: (value: Value, expected: Value) => ordered(value, expected, (sign) => sign > 0),
  "at-least": (value: Value, expected: Value) => ordered(value, expected, (sign) => sign >= 0),
  below: (value: Value, expected: Value) => ordered(value, expected, (sign) => sign < 0),
  "at-most": (value: Value, expected: Value) => ordered(value, expected, (sign) => sign <= 0),
  "one-of": (value: Value, expected: Value) =>
    expected !== undefined &&
    expected !== null &&
    typeof expected === "object" &&
    isJsonArray(expected) &&
    expected.some((one) => same(value, one)),
  exists: (value: Value, expected: Value) => (value !== undefined && value !== null) === expected,
} as const;

function lookedUp(value: JsonValue, scope: Scope): Value {
  const resolved = resolveReferences(value, scope);
  return resolved.ok ? resolved.value : undefined;
}

function same(left: Value, right: Value): boolean {
  if (left === undefined || right === undefined) return left === right;
  return canonicalText(left) === canonicalText(right);
}

/** Numbers by size, texts by their characters; anything else has no order. */
function ordered(left: Value, right: Value, fits: (sign: number) => boolean): boolean {
  if (typeof left === "number" && typeof right === "number") return fits(left - right);
  if (typeof left !== "string" || typeof right !== "string") return false;
  return fits(left === right ? 0 : left < right ? -1 : 1);
}
