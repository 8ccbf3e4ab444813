/** A comparison in lines for people. */
import type { JsonValue } from "../base/json-value.ts";
import type { Regression, RunDifference, StepDifference } from "../console/run-differences.ts";
import { placeIn } from "../console/run-differences.ts";
import type { ValueDifference } from "../console/value-differences.ts";
import { artifactSchema } from "../protocol/artifact.ts";
import { escapeText } from "../ui/escape-text.ts";
import { formatDuration } from "../ui/format.ts";

/** Lines of a section at most; the others are counted. */
const SHOWN_LINES = 20;

/** Characters of a value at most. */
const SHOWN_CHARACTERS = 40;

const numbers = new Intl.NumberFormat("en", { maximumSignificantDigits: 6 });
const percents = new Intl.NumberFormat("en", {
  style: "percent",
  signDisplay: "exceptZero",
  maximumFractionDigits: 2,
});

/** What differs, as lines; every line escaped. */
export function diffLines(compared: RunDifference): readonly string[] {
  const { sameFlow, parameters, steps } = compared;
  return [
    ...(sameFlow ? [] : ["the flows differ"]),
    ...(parameters.length === 0 ? [] : ["parameters", ...valueLines(parameters, (path) => path)]),
    ...steps.flatMap((step) => stepLines(step, steps)),
  ].map(escapeText);
}

/** What is worse, as one line. */
export function regressionLine({ path, left, right, change }: Regression): string {
  return escapeText(
    `regression: ${path}  ${valueText(left)} → ${valueText(right)}${percent(change)}`,
  );
}

function stepLines(one: StepDifference, all: readonly StepDifference[]): readonly string[] {
  const { step, left, right, durationChange } = one;
  const told = one.same ? "the same" : "differs";
  const taken = right?.inheritedFrom == null ? "" : `, taken over from ${right.inheritedFrom}`;
  const statuses =
    left?.status === right?.status
      ? ""
      : `  ${left?.status ?? "none"} → ${right?.status ?? "none"}`;
  const failures = [left?.failure, right?.failure].filter((failure) => failure != null);
  const timing =
    left?.durationMs == null || right?.durationMs == null || taken !== ""
      ? ""
      : `  ${formatDuration(left.durationMs)} → ${formatDuration(right.durationMs)}${percent(durationChange)}`;
  const passedOn = passedOnBy(one, all);
  const ownInput = one.input.filter((difference) => !passedOn.has(rootOf(difference.path)));
  const inputs = [
    ...valueLines(ownInput, (path) => path),
    ...[...passedOn].map(([root, from]) => `    ${root}  as the output of ${from}`),
  ];
  return [
    `${step}  ${told}${taken}${statuses}${timing}`,
    ...failures.map((failure) => `  ${failure}`),
    ...(inputs.length === 0 ? [] : ["  input", ...inputs]),
    ...(one.output.length === 0
      ? []
      : ["  output", ...valueLines(one.output, (path) => placeIn(step, path))]),
  ];
}

/** The members of an input that differ just as the output of another step does, and which. */
function passedOnBy(
  { step, input }: StepDifference,
  all: readonly StepDifference[],
): ReadonlyMap<string, string> {
  const roots = new Map<string, string>();
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

/** Differences in columns: place, left, right, change. */
function valueLines(
  differences: readonly ValueDifference[],
  nameOf: (path: string) => string,
): readonly string[] {
  const rows = differences.slice(0, SHOWN_LINES).map((one) => rowOf(one, nameOf(one.path)));
  const widths = [0, 1, 2].map((column) =>
    Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const [name = 0, left = 0, right = 0] = widths;
  const hidden = differences.length - rows.length;
  return [
    ...rows.map(([place, before, after, change]) =>
      `    ${place.padEnd(name)}  ${before.padStart(left)} → ${after.padStart(right)}${change}`.trimEnd(),
    ),
    ...(hidden === 0 ? [] : [`    … and ${hidden} more; --output json has all`]),
  ];
}

type Row = readonly [place: string, before: string, after: string, change: string];

function rowOf(one: ValueDifference, place: string): Row {
  if (one.kind === "list") {
    const told = (length: JsonValue | undefined): string => `${valueText(length)} items`;
    return [place, told(one.left), told(one.right), `  ${one.differing} differ`];
  }
  if (one.kind === "file") return [place, fileText(one.left), fileText(one.right), ""];
  return [place, valueText(one.left), valueText(one.right), percent(one.change)];
}

/** A file by its name and the beginning of its content's hash. */
function fileText(value: JsonValue | undefined): string {
  const file = artifactSchema.safeParse(value);
  return file.success ? `${file.data.name} ${file.data.sha256.slice(0, 8)}` : valueText(value);
}

function valueText(value: JsonValue | undefined): string {
  if (value === undefined) return "–";
  if (typeof value === "number") return numbers.format(value);
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS - 1)}…` : text;
}

function percent(change: number | null): string {
  return change === null ? "" : `  ${percents.format(change)}`;
}
