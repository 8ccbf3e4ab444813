/** A comparison in lines for people. */
import type { Regression, RunDifference } from "../console/run-differences.ts";
import { placeIn } from "../console/run-differences.ts";
import type { DiffRow, StepRows } from "../ui/diff-rows.ts";
import { diffRow, percentText, stepRows, valueText } from "../ui/diff-rows.ts";
import { escapeText } from "../ui/escape-text.ts";

/** Lines of a section at most; the others are counted. */
const SHOWN_LINES = 20;

/** What differs, as lines; every line escaped. */
export function diffLines(compared: RunDifference): readonly string[] {
  const { sameFlow, parameters } = compared;
  return [
    ...(sameFlow ? [] : ["the flows differ"]),
    ...(parameters.length === 0
      ? []
      : ["parameters", ...rowLines(parameters.map(diffRow), (path) => path)]),
    ...stepRows(compared).flatMap(stepLines),
  ].map(escapeText);
}

/** What is worse, as one line. */
export function regressionLine({ path, left, right, change }: Regression): string {
  const values = `${valueText(left)} → ${valueText(right)}`;
  return escapeText(`regression: ${path}  ${values}${after(percentText(change))}`);
}

function stepLines(one: StepRows): readonly string[] {
  const { step, same, taken, statuses, timing, failures, input, passedOn, output } = one;
  const told = taken === null ? "" : `, ${taken}`;
  const took = timing === null ? "" : `${timing.before} → ${timing.after}${after(timing.change)}`;
  const inputs = [
    ...rowLines(input, (path) => path),
    ...passedOn.map(({ path, from }) => `    ${path}  as the output of ${from}`),
  ];
  return [
    `${step}  ${same ? "the same" : "differs"}${told}${after(statuses)}${after(took)}`,
    ...failures.map((failure) => `  ${failure}`),
    ...(inputs.length === 0 ? [] : ["  input", ...inputs]),
    ...(output.length === 0
      ? []
      : ["  output", ...rowLines(output, (path) => placeIn(step, path))]),
  ];
}

/** Differences in columns: place, left, right, change. */
function rowLines(all: readonly DiffRow[], nameOf: (path: string) => string): readonly string[] {
  const rows = all.slice(0, SHOWN_LINES).map((row) => ({ ...row, place: nameOf(row.path) }));
  const widest = (of: (row: (typeof rows)[number]) => string): number =>
    Math.max(0, ...rows.map((row) => of(row).length));
  const [place, before, right] = [
    widest((row) => row.place),
    widest((row) => row.before),
    widest((row) => row.after),
  ];
  const hidden = all.length - rows.length;
  return [
    ...rows.map((row) =>
      `    ${row.place.padEnd(place)}  ${row.before.padStart(before)} → ${row.after.padStart(right)}${after(row.change)}`.trimEnd(),
    ),
    ...(hidden === 0 ? [] : [`    … and ${hidden} more; --output json has all`]),
  ];
}

/** Something said after something else; nothing for nothing. */
function after(text: string): string {
  return text === "" ? "" : `  ${text}`;
}
