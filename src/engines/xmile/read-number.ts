import type { Place } from "./problem.ts";
import { refuse } from "./problem.ts";

/** Reads a finite decimal number that the model's XML gives outside of equations. */
export function readNumber(text: string | undefined, place: Place, what: string): number {
  const trimmed = text?.trim() ?? "";
  const value = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(trimmed)
    ? Number(trimmed)
    : Number.NaN;
  if (Number.isFinite(value)) return value;
  const found = trimmed === "" ? "is missing" : `is \`${trimmed.slice(0, 40)}\``;
  return refuse("invalid-model", place, `A number is needed for ${what}, which ${found}`);
}
