/** One text and one short hash per JSON value, so that two values can be compared by either. */
import type { JsonValue } from "../base/json-value.ts";
import { isJsonArray } from "../base/json-value.ts";

/** JSON with the members of every map in the order of their names. */
export function canonicalText(value: JsonValue): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (isJsonArray(value)) return `[${value.map(canonicalText).join(",")}]`;
  const members = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonicalText(member)}`).join(",")}}`;
}

/** 64 bits in 16 hexadecimal digits: tells values apart by accident, not against an attacker. */
export function digestOf(value: JsonValue): string {
  const text = canonicalText(value);
  return hashOf(text, 0x811c9dc5) + hashOf(text, 0x5bd1e995);
}

/** FNV-1a, 32 bits (Fowler, Noll, Vo), finished as in MurmurHash3 so that every bit counts. */
function hashOf(text: string, basis: number): string {
  let hash = basis;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0).toString(16).padStart(8, "0");
}
