import type { JsonValue } from "../../base/json-value.ts";
import { isJsonArray } from "../../base/json-value.ts";
import type { ChartSpec } from "./chart-spec.ts";

/** Members that make fields a table does not have. */
const MAKES_FIELDS = new Set(["transform", "data", "repeat", "params"]);
const PLAIN_FIELD = /^[\w ]+$/;

/** The columns a spec may refer to: those whose name occurs anywhere in it. */
export function columnsMentioned(spec: ChartSpec, columns: readonly string[]): string[] {
  const text = JSON.stringify(spec);
  return columns.filter((column) => text.includes(JSON.stringify(column).slice(1, -1)));
}

/**
 * The fields a spec draws that are no column of the table. Empty when the spec makes fields of its
 * own, since then nothing certain can be said.
 */
export function unknownFields(spec: ChartSpec, columns: readonly string[]): string[] {
  const { data: _ours, ...rest } = spec;
  const fields = new Set<string>();
  const isCertain = collectFields(rest, fields);
  return isCertain ? [...fields].filter((field) => !columns.includes(field)) : [];
}

/** Adds the plain fields below `value`; false when something below makes fields. */
function collectFields(value: JsonValue, fields: Set<string>): boolean {
  if (value === null || typeof value !== "object") return true;
  if (isJsonArray(value)) return value.every((member) => collectFields(member, fields));
  return Object.entries(value).every(([key, member]) => {
    if (MAKES_FIELDS.has(key)) return false;
    if (key === "field" && typeof member === "string" && PLAIN_FIELD.test(member)) {
      fields.add(member);
    }
    return collectFields(member, fields);
  });
}
