/** The window in which two runs or two attempts are seen side by side. */
import type { RunView } from "../../console/console-state.ts";
import type { DiffRow, StepRows } from "../diff-rows.ts";
import { diffRow, stepRows } from "../diff-rows.ts";
import { formatClock, formatDuration } from "../format.ts";
import type { Compared } from "../model/comparison.ts";
import { comparedBy, comparisonsFor, overlaid, overlayNames } from "../model/comparison.ts";
import type { Dialog } from "../model/screen.ts";
import type { Line } from "../spans.ts";
import { cell, fitLine, span, widthOf } from "../spans.ts";
import { runLook, seriesTone } from "../theme.ts";
import { keysLine } from "./dialog-parts.ts";
import { runSubject } from "./list-panes.ts";
import type { PaneInput } from "./pane.ts";

type DiffDialog = Extract<Dialog, { kind: "diff" }>;

/** Rows that stay while the rest is scrolled: the two sides, the views, a blank one, the keys. */
const FIXED_ROWS = 6;

/** Variables drawn at once: each takes two of the six colours of a chart. */
const SHOWN_VARIABLES = 3;

/** The window in `rows` rows. */
export function diffDialogLines(
  dialog: DiffDialog,
  input: PaneInput,
  rows: number,
): readonly Line[] {
  const compared = comparedBy(dialog.comparison, input.state);
  if (compared === undefined) {
    return [[span("One of the two is no longer here.", "muted")], [], keysLine([["esc", "close"]])];
  }
  const page = diffPage(rows);
  const all = diffBody(dialog, input, rows);
  const body = dialog.view === "chart" ? all : all.slice(dialog.top, dialog.top + page);
  const blank = Array.from({ length: Math.max(0, page - body.length) }, (): Line => []);
  const below = Math.max(0, all.length - dialog.top - page);
  return [
    sideLine("A", compared.left, dialog, input),
    sideLine("B", compared.right, dialog, input),
    viewLine(dialog, dialog.view === "chart" ? 0 : below),
    [],
    ...body,
    ...blank,
    [],
    keysOf(dialog, input),
  ];
}

/** How many rows of a comparison are seen at once in a window of `rows` rows. */
export function diffPage(rows: number): number {
  return Math.max(1, rows - FIXED_ROWS);
}

/** How far a comparison can be scrolled: its rows, or the variables of its chart. */
export function diffLength(dialog: DiffDialog, input: PaneInput, rows: number): number {
  const compared = comparedBy(dialog.comparison, input.state);
  if (compared === undefined) return 0;
  if (dialog.view === "values") return diffBody(dialog, input, rows).length;
  return overlayNames(compared.charts).length;
}

function diffBody(dialog: DiffDialog, input: PaneInput, rows: number): readonly Line[] {
  const compared = comparedBy(dialog.comparison, input.state);
  if (compared === undefined) return [];
  return dialog.view === "chart"
    ? chartBody(dialog, compared, { ...input, height: diffPage(rows) })
    : valueBody(compared, input.width);
}

function sideLine(side: "A" | "B", run: RunView, { comparison }: DiffDialog, { state }: PaneInput) {
  const look = runLook(run.state.status);
  const what =
    comparison.kind === "runs"
      ? runSubject(run)
      : `${comparison.stepKey} attempt ${side === "A" ? comparison.left : comparison.right}`;
  const took = (run.state.finishedAt ?? state.now) - run.state.startedAt;
  return [
    span(`${side} `, seriesTone(side === "A" ? 0 : 1), true),
    span(`${run.runId}  `, "text", true),
    span(`${what}  `),
    ...(comparison.kind === "runs"
      ? [
          span(`${look.glyph} ${look.word}`, look.tone),
          span(`  ${formatClock(run.state.startedAt)}  ${formatDuration(took)}`, "muted"),
        ]
      : []),
  ];
}

function viewLine({ view }: DiffDialog, below: number): Line {
  return [
    ...(["values", "chart"] as const).flatMap(
      (one): Line => [
        one === view ? { text: `[${one}]`, tone: "accent", bold: true } : span(` ${one} `, "muted"),
        span(" "),
      ],
    ),
    span(below > 0 ? ` ↓${below} more` : "", "muted"),
  ];
}

function keysOf({ view }: DiffDialog, { screen, state }: PaneInput): Line {
  const others = comparisonsFor(screen, state).length > 1;
  return keysLine([
    ["tab", view === "values" ? "chart" : "values"],
    ["j/k", view === "values" ? "scroll" : "other lines"],
    ...(others ? [["d", "with another"] as const] : []),
    ["esc", "close"],
  ]);
}

/** Both sides' lines on one pair of axes; three variables at a time. */
function chartBody({ top }: DiffDialog, { charts }: Compared, input: PaneInput): readonly Line[] {
  const names = overlayNames(charts);
  const [left, right] = charts;
  const chart = left ?? right;
  if (chart === undefined) {
    return [[span("Neither side has a chart: compare runs of a flow with a viz step.", "muted")]];
  }
  const start = Math.min(top, Math.max(0, names.length - SHOWN_VARIABLES));
  const shown = names.slice(start, start + SHOWN_VARIABLES);
  const missing = left === undefined ? "A" : right === undefined ? "B" : "";
  const notes: readonly Line[] = [
    ...(missing === "" ? [] : [[span(`${missing} has no chart.`, "warning")]]),
    ...(shown.length === names.length
      ? []
      : [[span(`${shown.join(", ")} of ${names.length} lines`, "muted")]]),
  ];
  const drawn = input.drawChart({
    series: overlaid(charts, shown),
    xLabel: chart.xLabel,
    title: chart.title,
    mark: chart.mark ?? "line",
    width: input.width,
    height: input.height - notes.length,
  });
  const lines = drawn.map((parts) =>
    parts.map(({ text, series }) =>
      span(text, series === undefined ? "muted" : seriesTone(series)),
    ),
  );
  return [...notes, ...lines];
}

function valueBody({ difference }: Compared, width: number): readonly Line[] {
  const { sameFlow, parameters } = difference;
  const steps = stepRows(difference);
  const rows = [
    ...parameters.map(diffRow),
    ...steps.flatMap(({ timing, input, output }) => [
      ...(timing === null ? [] : [timing]),
      ...input,
      ...output,
    ]),
  ];
  const columns = columnsFor(rows, width);
  return [
    ...(sameFlow ? [] : [[span("The flows differ.", "warning")]]),
    headLine(columns),
    ...(parameters.length === 0
      ? []
      : [
          [span("parameters", "text", true)],
          ...parameters.map((row) => rowLine(diffRow(row), columns)),
        ]),
    ...steps.flatMap((step) => stepLines(step, columns)),
  ];
}

function stepLines(one: StepRows, columns: Columns): readonly Line[] {
  const { step, same, taken, statuses, timing, failures, input, passedOn, output } = one;
  const told = taken ?? (same ? "the same" : "differs");
  const named = (text: string, rows: readonly Line[]): readonly Line[] =>
    rows.length === 0 ? [] : [[span(`  ${text}`, "muted")], ...rows];
  return [
    [
      span(step, "text", true),
      span(`  ${told}`, same ? "muted" : "warning"),
      span(statuses === "" ? "" : `  ${statuses}`, "bad"),
    ],
    ...failures.map((failure): Line => [span(`  ✗ ${failure}`, "bad")]),
    ...(timing === null ? [] : [rowLine(timing, columns)]),
    ...named("input", [
      ...input.map((row) => rowLine(row, columns)),
      ...passedOn.map(
        ({ path, from }): Line => [
          span(`    ${path}`),
          span(`  as the output of ${from}`, "muted"),
        ],
      ),
    ]),
    ...named(
      "output",
      output.map((row) => rowLine(row, columns)),
    ),
  ];
}

/** How wide the four columns are; the places take what is left. */
interface Columns {
  readonly place: number;
  readonly before: number;
  readonly after: number;
  readonly change: number;
}

const INDENT = 4;
const GAP = 2;
/** Names of places have the room they need up to here; values give way, but not below theirs. */
const WIDEST_PLACE = 44;
const NARROWEST_VALUE = 12;

function columnsFor(rows: readonly DiffRow[], width: number): Columns {
  const widest = (texts: readonly string[]): number => Math.max(1, ...texts.map(widthOf));
  const change = Math.min(12, widest(rows.map((row) => row.change)));
  const room = width - INDENT - change - 3 * GAP;
  const wanted = Math.min(WIDEST_PLACE, widest(rows.map((row) => row.path)) + 2);
  const most = Math.max(NARROWEST_VALUE, Math.floor((room - wanted) / 2));
  const before = Math.min(most, widest(rows.map((row) => row.before)));
  const after = Math.min(most, widest(rows.map((row) => row.after)));
  return { place: Math.min(room - before - after, wanted), before, after, change };
}

function headLine({ place, before, after, change }: Columns): Line {
  return [
    span(" ".repeat(INDENT + place + GAP)),
    span(cell("A", before, "right"), seriesTone(0), true),
    span(" ".repeat(GAP)),
    span(cell("B", after, "right"), seriesTone(1), true),
    span(`${" ".repeat(GAP)}${cell("", change)}`),
  ];
}

function rowLine(row: DiffRow, { place, before, after, change }: Columns): Line {
  return [
    span(" ".repeat(INDENT)),
    span(cell(endOf(row.path === "" ? "(all)" : row.path, place), place)),
    span(" ".repeat(GAP)),
    span(cell(row.before, before, "right"), "muted"),
    span(" ".repeat(GAP)),
    span(cell(row.after, after, "right")),
    span(" ".repeat(GAP)),
    ...fitLine([span(cell(row.change, change, "right"), "accent", true)], change),
  ];
}

/** The end of a place says more than its beginning. */
function endOf(path: string, width: number): string {
  return path.length <= width ? path : `…${path.slice(path.length - width + 1)}`;
}
