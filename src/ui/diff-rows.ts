/** A comparison in words and rows, for lines of text and for the screen. Pure. */
import type { JsonValue } from "../base/json-value.ts";
import type { RunDifference, StepDifference, StepSide } from "../console/run-differences.ts";
import type { ValueDifference } from "../console/value-differences.ts";
import { artifactSchema } from "../protocol/artifact.ts";
import type { StepKey } from "../protocol/ids.ts";
import { formatDuration } from "./format.ts";

/** Characters of a value at most. */
const SHOWN_CHARACTERS = 40;

const numbers = new Intl.NumberFormat("en", { maximumSignificantDigits: 6 });
const percents = new Intl.NumberFormat("en", {
  style: "percent",
  signDisplay: "exceptZero",
  maximumFractionDigits: 2,
});

/** A place with both sides and what has changed; not escaped. */
export interface DiffRow {
  readonly path: string;
  readonly before: string;
  readonly after: string;
  /** Such as `+25%` or `3 differ`; empty where there is nothing to say. */
  readonly change: string;
}

/** A step of a comparison. */
export interface StepRows {
  readonly step: StepKey;
  readonly same: boolean;
  /** Which task really did the right side, such as `cached from …`; null when it was done there. */
  readonly taken: string | null;
  /** `succeeded → failed`; empty when they are the same. */
  readonly statuses: string;
  /** How long the two sides took; null when it is not known, or was not done on the right. */
  readonly timing: DiffRow | null;
  readonly failures: readonly string[];
  readonly input: readonly DiffRow[];
  /** Members of the input that differ just as another step's output does. */
  readonly passedOn: readonly { readonly path: string; readonly from: StepKey }[];
  readonly output: readonly DiffRow[];
}

/** Every step of a comparison, in words. */
export function stepRows({ steps }: Pick<RunDifference, "steps">): readonly StepRows[] {
  return steps.map((one): StepRows => {
    const { step, same, left, right, input, output } = one;
    const passedOn = passedOnBy(one, steps);
    return {
      step,
      same,
      taken: takenText(right),
      statuses:
        left?.status === right?.status
          ? ""
          : `${left?.status ?? "none"} → ${right?.status ?? "none"}`,
      timing: timingOf(one),
      failures: [left?.failure, right?.failure].filter((failure) => failure != null),
      input: input.filter(({ path }) => !passedOn.has(rootOf(path))).map(diffRow),
      passedOn: [...passedOn].map(([path, from]) => ({ path, from })),
      output: output.map(diffRow),
    };
  });
}

function takenText(right: StepSide | null): string | null {
  if (right?.cachedFrom != null) return `cached from ${right.cachedFrom}`;
  return right?.inheritedFrom == null ? null : `taken over from ${right.inheritedFrom}`;
}

function timingOf({ left, right, durationChange }: StepDifference): DiffRow | null {
  if (left?.durationMs == null || right?.durationMs == null || right.inheritedFrom !== null) {
    return null;
  }
  return {
    path: "took",
    before: formatDuration(left.durationMs),
    after: formatDuration(right.durationMs),
    change: percentText(durationChange),
  };
}

/** A difference in words. */
export function diffRow(one: ValueDifference): DiffRow {
  const { path, left, right } = one;
  if (one.kind === "list") {
    const told = (length: JsonValue | undefined): string => `${valueText(length)} items`;
    return { path, before: told(left), after: told(right), change: `${one.differing} differ` };
  }
  if (one.kind === "file") {
    return { path, before: fileText(left), after: fileText(right), change: "" };
  }
  const change = percentText(one.change);
  return { path, before: valueText(left), after: valueText(right), change };
}

/** A value in a few characters. */
export function valueText(value: JsonValue | undefined): string {
  if (value === undefined) return "–";
  if (typeof value === "number") return numbers.format(value);
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS - 1)}…` : text;
}

/** A change in parts of one, as percent; empty when it is not known. */
export function percentText(change: number | null): string {
  return change === null ? "" : percents.format(change);
}

/** A file by its name and the beginning of its content's hash. */
function fileText(value: JsonValue | undefined): string {
  const file = artifactSchema.safeParse(value);
  return file.success ? `${file.data.name} ${file.data.sha256.slice(0, 8)}` : valueText(value);
}

/** The members of an input that differ just as the output of another step does, and which. */
function passedOnBy(
  { step, input }: StepDifference,
  all: readonly StepDifference[],
): ReadonlyMap<string, StepKey> {
  const roots = new Map<string, StepKey>();
  for (const root of new Set(input.map(({ path }) => rootOf(path)))) {
    const below = input.filter(({ path }) => rootOf(path) === root);
    const from = all.find(
      (other) => other.step !== step && other.output.length > 0 && repeats(below, other, root),
    );
    if (from !== undefined) roots.set(root, from.step);
  }
  return roots;
}

function repeats(
  below: readonly ValueDifference[],
  { output }: StepDifference,
  root: string,
): boolean {
  const places = new Set(output.map(({ path }) => `${root}.${path}`));
  return below.length === output.length && below.every(({ path }) => places.has(path));
}

function rootOf(path: string): string {
  return /^[^.[]*/.exec(path)?.[0] ?? path;
}
