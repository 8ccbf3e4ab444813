/**
 * How two values differ, place by place. Pure.
 *
 * D1 Equal values have no differences; swapping the values swaps the sides of each difference.
 * D2 Members of a list that have names are compared by name, others by place.
 * D3 Files are the same when their content is; long lists without names are compared as a whole.
 */
import type { JsonValue } from "../base/json-value.ts";
import { artifactSchema } from "../protocol/artifact.ts";

/** A list without names that is longer is told of by how many of its members differ. */
const LONG_LIST = 20;

/** A place where two values differ. */
export interface ValueDifference {
  /** Such as `variables[infectious].maximum`; empty for the values themselves. */
  readonly path: string;
  /** `list`: `left` and `right` are the lengths of two long lists. */
  readonly kind: "value" | "file" | "list";
  /** Undefined where there is nothing. */
  readonly left: JsonValue | undefined;
  readonly right: JsonValue | undefined;
  /** The change in parts of the left number; null when it is not a number, or 0. */
  readonly change: number | null;
  /** Of a long list: how many places differ. */
  readonly differing?: number;
}

/** Every place where two values differ, in the order of the left one. */
export function differencesBetween(
  left: JsonValue | undefined,
  right: JsonValue | undefined,
  path = "",
): readonly ValueDifference[] {
  if (left === right) return [];
  if (isObject(left) && isObject(right)) return objectDifferences(left, right, path);
  if (Array.isArray(left) && Array.isArray(right)) return listDifferences(left, right, path);
  return [valueDifference(left, right, path)];
}

/** The change from one number to another, in parts of the first; null when that is 0. */
export function changeBetween(left: number, right: number): number | null {
  return left === 0 ? null : (right - left) / Math.abs(left);
}

/** The places of all numbers in a value, named as in differences. */
export function numberPathsIn(value: JsonValue | undefined, path = ""): readonly string[] {
  if (typeof value === "number") return [path];
  if (Array.isArray(value)) {
    if (value.length > LONG_LIST && namesOf(value) === undefined) return [];
    return [...membersOf(value)].flatMap(([key, one]) => numberPathsIn(one, `${path}[${key}]`));
  }
  if (!isObject(value) || isFile(value)) return [];
  return Object.entries(value).flatMap(([key, one]) => numberPathsIn(one, memberPath(path, key)));
}

type JsonObject = { readonly [key: string]: JsonValue };

function objectDifferences(
  left: JsonObject,
  right: JsonObject,
  path: string,
): readonly ValueDifference[] {
  if (isFile(left) && isFile(right)) {
    return left["sha256"] === right["sha256"]
      ? []
      : [{ path, kind: "file", left, right, change: null }]; // D3
  }
  return unionOf(Object.keys(left), Object.keys(right)).flatMap((key) =>
    differencesBetween(ownOf(left, key), ownOf(right, key), memberPath(path, key)),
  );
}

function listDifferences(
  left: readonly JsonValue[],
  right: readonly JsonValue[],
  path: string,
): readonly ValueDifference[] {
  const named = namesOf(left) !== undefined;
  if (named !== (namesOf(right) !== undefined)) return [valueDifference(left, right, path)];
  if (!named && Math.max(left.length, right.length) > LONG_LIST) {
    return longListDifference(left, right, path);
  }
  const [ours, theirs] = named
    ? [membersOf(left), membersOf(right)]
    : [placesOf(left), placesOf(right)];
  return unionOf([...ours.keys()], [...theirs.keys()]).flatMap((key) =>
    differencesBetween(ours.get(key), theirs.get(key), `${path}[${key}]`),
  );
}

/** D3 */
function longListDifference(
  left: readonly JsonValue[],
  right: readonly JsonValue[],
  path: string,
): readonly ValueDifference[] {
  const places = Array.from({ length: Math.max(left.length, right.length) }, (_, index) => index);
  const differs = (index: number): boolean =>
    differencesBetween(left[index], right[index]).length > 0;
  const differing = places.filter(differs).length;
  if (differing === 0) return [];
  return [{ path, kind: "list", left: left.length, right: right.length, change: null, differing }];
}

function valueDifference(
  left: JsonValue | undefined,
  right: JsonValue | undefined,
  path: string,
): ValueDifference {
  const numbers = typeof left === "number" && typeof right === "number";
  return { path, kind: "value", left, right, change: numbers ? changeBetween(left, right) : null };
}

/** D2: the members by their names, or by their places when they have none. */
function membersOf(list: readonly JsonValue[]): ReadonlyMap<string, JsonValue> {
  const names = namesOf(list);
  if (names === undefined) return placesOf(list);
  return new Map(list.map((member, index) => [names[index] ?? String(index), member]));
}

function placesOf(list: readonly JsonValue[]): ReadonlyMap<string, JsonValue> {
  return new Map(list.map((member, index) => [String(index), member]));
}

/** The names of a list's members; undefined unless each has one of its own. */
function namesOf(list: readonly JsonValue[]): readonly string[] | undefined {
  const names = list.flatMap((member) => {
    const name = isObject(member) ? ownOf(member, "name") : undefined;
    return typeof name === "string" ? [name] : [];
  });
  return names.length === list.length && new Set(names).size === list.length ? names : undefined;
}

function memberPath(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

function isFile(value: JsonObject): boolean {
  return artifactSchema.safeParse(value).success;
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function ownOf(value: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

function unionOf(left: readonly string[], right: readonly string[]): readonly string[] {
  return [...new Set([...left, ...right])];
}
