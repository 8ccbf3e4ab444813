/**
 * Judges a Vega-Lite spec of unknown origin before anything interprets it.
 *
 * C1 Nothing in it may name a file, an address or a picture.
 * C2 It is bounded in size and depth, and so is the picture it asks for.
 * C3 A refusal names the place in the spec.
 */
import type { JsonValue } from "../../base/json-value.ts";
import { isJsonArray } from "../../base/json-value.ts";
import type { Result } from "../../base/result.ts";
import { err, ok } from "../../base/result.ts";
import type { Failure } from "../../protocol/failure.ts";
import type { ChartSpec } from "./chart-spec.ts";
import { TABLE } from "./chart-spec.ts";

const MOST_CHARACTERS = 200_000;
const MOST_DEPTH = 40;
const NEXT_STEP = "Correct the spec, or leave it out to get the standard line chart.";

/** Functions of Vega's expressions that make a value of any size out of a number. */
const MAKES_MUCH = /\b(sequence|pad|repeat)\s*\(/;
/** Each fold multiplies the rows by its columns. */
const MOST_FOLDED = 20;

/** Keys that make a spec reach out of itself, or need data we do not have. */
const REFUSED_KEYS: Readonly<Record<string, string>> = {
  url: "loads data or pictures from an address; the chart's data is the simulation's table",
  href: "links are not supported",
  projection: "maps are not supported",
  longitude: "maps are not supported",
  latitude: "maps are not supported",
  longitude2: "maps are not supported",
  latitude2: "maps are not supported",
  sphere: "maps are not supported",
  graticule: "maps are not supported",
};
const MARKS = new Set(
  "arc area bar boxplot circle errorband errorbar line point rect rule square text tick trail".split(
    " ",
  ),
);
const COMPOSITIONS = ["mark", "layer", "concat", "hconcat", "vconcat", "spec"];
/** Limits of numbers that decide how much is computed or drawn. */
const MOST: Readonly<Record<string, number>> = {
  width: 4000,
  height: 4000,
  steps: 5000,
  maxbins: 1000,
  tickCount: 200,
  columns: 50,
};

/** The spec with its data replaced by the dataset `table`, or why it is refused. */
export function checkSpec(spec: ChartSpec): Result<ChartSpec, Failure> {
  const depth = depthOf(spec, 0);
  if (depth > MOST_DEPTH) return refuse(`It is nested deeper than ${MOST_DEPTH} levels.`); // C2
  const characters = JSON.stringify(spec).length;
  if (characters > MOST_CHARACTERS) {
    return refuse(`It has ${characters} characters; ${MOST_CHARACTERS} are allowed.`);
  }
  const schema = spec["$schema"];
  if (typeof schema === "string" && !schema.includes("/vega-lite/")) {
    return refuse(`It is not a Vega-Lite spec: its $schema is ${schema.slice(0, 200)}.`);
  }
  if (!COMPOSITIONS.some((key) => Object.hasOwn(spec, key))) {
    return refuse(`It needs one of ${COMPOSITIONS.join(", ")}.`);
  }
  const { datasets: _datasets, usermeta: _usermeta, ...rest } = spec;
  const checked = { ...rest, data: { name: TABLE } };
  const problem = problemIn(checked, []);
  return problem === undefined ? ok(checked) : refuse(problem);
}

/** A failure that tells the operator what is wrong with the spec. */
export function refuse(problem: string): Result<never, Failure> {
  const message = `The Vega-Lite spec cannot be drawn. ${problem}`.slice(0, 1000);
  return err({ kind: "invalid-input", message, nextStep: NEXT_STEP });
}

function depthOf(value: JsonValue, above: number): number {
  if (value === null || typeof value !== "object" || above > MOST_DEPTH) return above;
  const members = isJsonArray(value) ? value : Object.values(value);
  return members.reduce<number>(
    (deepest, one) => Math.max(deepest, depthOf(one, above + 1)),
    above,
  );
}

function problemIn(value: JsonValue, path: readonly string[]): string | undefined {
  if (value === null || typeof value !== "object") return undefined;
  const members: [string, JsonValue][] = isJsonArray(value)
    ? value.map((member, index) => [String(index), member])
    : Object.entries(value);
  for (const [key, member] of members) {
    const here = [...path, key];
    const isRow = path.at(-1) === "values" || path.at(-2) === "values";
    const problem = (isRow ? undefined : ruleFor(key, member, here)) ?? problemIn(member, here);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** The rule a member breaks, with its place. */
function ruleFor(key: string, member: JsonValue, path: readonly string[]): string | undefined {
  const place = path.join(".").slice(0, 300); // C3
  const reason =
    ownText(REFUSED_KEYS, key) ??
    markRule(key, member, path) ??
    dataRule(key, member) ??
    sizeRule(key, member, path);
  if (reason !== undefined) return `${place}: ${reason}.`; // C1
  const most = Object.hasOwn(MOST, key) ? MOST[key] : undefined;
  if (most === undefined || typeof member !== "number" || member <= most) return undefined;
  return `${place}: ${member} is more than the ${most} allowed.`; // C2
}

function ownText(texts: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(texts, key) ? texts[key] : undefined;
}

function markRule(key: string, member: JsonValue, path: readonly string[]): string | undefined {
  const isMark = key === "mark" || (key === "type" && path.at(-2) === "mark");
  if (!isMark || typeof member !== "string" || MARKS.has(member)) return undefined;
  return `the mark "${member.slice(0, 40)}" is not supported; there are ${[...MARKS].join(", ")}`;
}

function dataRule(key: string, member: JsonValue): string | undefined {
  if (key === "sequence") return "generated data is not supported";
  if (key === "data" && isForeignData(member)) return `the only named data is "${TABLE}"`;
  return undefined;
}

/** Refuses what makes many values out of a short text. */
function sizeRule(key: string, member: JsonValue, path: readonly string[]): string | undefined {
  if (typeof member === "string" && MAKES_MUCH.test(member)) {
    return "sequence, pad and repeat are not supported in expressions";
  }
  if (key === "step" && path.at(-2) === "bin") return "a bin's step is not supported, maxbins is";
  if (key === "keyvals" && !isJsonArray(member)) return "keyvals must be a list";
  if (key === "fold" && isJsonArray(member) && member.length > MOST_FOLDED) {
    return `at most ${MOST_FOLDED} columns can be folded`;
  }
  return undefined;
}

function isForeignData(data: JsonValue): boolean {
  if (data === null || typeof data !== "object" || isJsonArray(data)) return false;
  const name = data["name"];
  return name !== undefined && name !== TABLE && data["values"] === undefined;
}
