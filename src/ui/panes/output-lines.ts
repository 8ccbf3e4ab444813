/** An output as people read it: a table, an answer, a chart, or plain JSON. */
import type { JsonValue } from "../../base/json-value.ts";
import type { QnaOutput, SimulationOutput, VizOutput } from "../../protocol/agent-data.ts";
import {
  qnaOutputSchema,
  simulationOutputSchema,
  vizOutputSchema,
} from "../../protocol/agent-data.ts";
import type { Artifact } from "../../protocol/artifact.ts";
import { formatBytes, formatNumber } from "../format.ts";
import type { Line } from "../spans.ts";
import { cell, span, widthOf, wrapText } from "../spans.ts";
import { seriesTone } from "../theme.ts";
import type { DrawChart } from "./pane.ts";

/** Most lines of plain JSON that are shown. */
const MAXIMUM_JSON_LINES = 2000;

/** What an output turned out to be. */
export type KnownOutput =
  | { readonly kind: "simulation"; readonly value: SimulationOutput }
  | { readonly kind: "answer"; readonly value: QnaOutput }
  | { readonly kind: "chart"; readonly value: VizOutput }
  | { readonly kind: "json"; readonly lines: readonly string[] };

const known = new WeakMap<object, KnownOutput>();

/** Recognises an output by its shape; each object is parsed once. */
export function recognise(output: JsonValue): KnownOutput {
  if (output === null || typeof output !== "object")
    return { kind: "json", lines: jsonText(output) };
  const before = known.get(output);
  if (before !== undefined) return before;
  const found = parse(output);
  known.set(output, found);
  return found;
}

function parse(output: JsonValue): KnownOutput {
  const answer = qnaOutputSchema.safeParse(output);
  if (answer.success) return { kind: "answer", value: answer.data };
  const chart = vizOutputSchema.safeParse(output);
  if (chart.success) return { kind: "chart", value: chart.data };
  const simulation = simulationOutputSchema.safeParse(output);
  if (simulation.success) return { kind: "simulation", value: simulation.data };
  return { kind: "json", lines: jsonText(output) };
}

function jsonText(value: JsonValue): readonly string[] {
  return JSON.stringify(value, null, 2).split("\n").slice(0, MAXIMUM_JSON_LINES);
}

/** An output in `width` columns; a chart takes about `height` rows, `mark` is a variable shown. */
export function outputLines(
  output: JsonValue,
  size: {
    readonly width: number;
    readonly height: number;
    readonly drawChart: DrawChart;
    readonly mark?: string;
  },
): readonly Line[] {
  const found = recognise(output);
  switch (found.kind) {
    case "answer":
      return answerLines(found.value, size.width);
    case "simulation":
      return simulationLines(found.value, size.width, size.mark);
    case "chart":
      return [...chartLines(found.value, size), ...chartFiles(found.value)];
    case "json":
      return found.lines.map((line): Line => [span(line)]);
  }
}

function paragraph(text: string, width: number, muted = false): readonly Line[] {
  return wrapText(text, width).map((line): Line => [span(line, muted ? "muted" : "text")]);
}

function answerLines(answer: QnaOutput, width: number): readonly Line[] {
  const said = wrapText(answer.answer, width).map((line): Line => [span(line, "text", true)]);
  const value =
    answer.value === null
      ? []
      : [[span("value  ", "muted"), span(`${formatNumber(answer.value)} ${answer.unit ?? ""}`)]];
  const sql = (answer.sql ?? "").split("\n").filter((line) => line.trim() !== "");
  return [
    ...paragraph(`Q  ${answer.question}`, width, true),
    ...(answer.status === "abstained" ? [[span("○ no answer could be given", "warning")]] : []),
    ...said,
    ...ungroundedLines(answer, width),
    [],
    ...value,
    ...paragraph(`how    ${answer.how}`, width, true),
    ...(/\d/.test(answer.answer)
      ? [[span("v", "accent", true), span("      where its numbers come from", "muted")]]
      : []),
    ...(sql.length === 0 ? [] : [[], [span("SQL", "muted")]]),
    ...sql.flatMap((line) => wrapText(line, width - 2)).map((line): Line => [span(`  ${line}`)]),
    ...(answer.suggestions.length === 0 ? [] : [[], [span("You can also ask", "muted")]]),
    ...answer.suggestions.flatMap((line) => paragraph(`· ${line}`, width)),
  ];
}

/** The numbers of a language model that nothing bears out, and what the offline analyst says. */
function ungroundedLines({ model }: QnaOutput, width: number): readonly Line[] {
  if (model === undefined || model.ungrounded.length === 0) return [];
  const { ungrounded, offlineAnswer } = model;
  const says = `! in no result of a tool nor in the question: ${ungrounded.join(", ")}`;
  return [
    [],
    ...wrapText(says, width).map((line): Line => [span(line, "warning")]),
    ...(offlineAnswer === null ? [] : paragraph(`offline analyst  ${offlineAnswer}`, width)),
  ];
}

function simulationLines(
  simulation: SimulationOutput,
  width: number,
  mark?: string,
): readonly Line[] {
  return [
    ...headLines(simulation, width),
    ...variableTable(simulation, width, mark),
    [],
    fileLine(simulation.data),
  ];
}

function headLines(simulation: SimulationOutput, width: number): readonly Line[] {
  const { model, method, startTime, stopTime, timeStep } = simulation;
  const set = Object.entries(simulation.parameters)
    .map(([name, value]) => `${name} ${formatNumber(value)}`)
    .join(" · ");
  return [
    [span(model.title, "text", true)],
    [
      span(
        `${model.timeUnit} ${formatNumber(startTime)} to ${formatNumber(stopTime)}, step ${formatNumber(timeStep)}, ${method}`,
        "muted",
      ),
    ],
    ...(set === "" ? [] : paragraph(`with ${set}`, width, true)),
    [],
  ];
}

/** The line of an output that a variable stands in; 0 when there is none. */
export function lineOfVariable(output: JsonValue, variable: string, width: number): number {
  const found = recognise(output);
  if (found.kind !== "simulation") return 0;
  const row = inOrder(found.value).findIndex(({ name }) => name === variable);
  return row < 0 ? 0 : headLines(found.value, width).length + 1 + row;
}

function rankOf({ highlights }: SimulationOutput, name: string): number {
  const place = highlights.indexOf(name);
  return place < 0 ? highlights.length : place;
}

/** The variables as they are listed: the highlights first. */
function inOrder(simulation: SimulationOutput): SimulationOutput["variables"] {
  return simulation.variables.toSorted(
    (a, b) => rankOf(simulation, a.name) - rankOf(simulation, b.name),
  );
}

const COLUMNS = ["start", "end", "minimum", "maximum", "at"] as const;

function variableTable(
  simulation: SimulationOutput,
  width: number,
  mark?: string,
): readonly Line[] {
  const rows = inOrder(simulation).map((one) => ({
    isMarked: one.name === mark,
    // The sign has columns of its own, so that none moves when a row is marked.
    label: `${one.name === mark ? "▸" : " "} ${one.label}`,
    unit: one.unit ?? "",
    shown: rankOf(simulation, one.name) < simulation.highlights.length,
    numbers: [one.initial, one.final, one.minimum, one.maximum, one.maximumTime].map(formatNumber),
  }));
  const widths = COLUMNS.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row.numbers[column]?.length ?? 0)),
  );
  const numbers = widths.reduce((sum, one) => sum + one + 2, 0);
  const units = Math.max(0, ...rows.map((row) => widthOf(row.unit)));
  const longest = Math.max(8, ...rows.map((row) => widthOf(row.label)));
  const label = Math.max(8, Math.min(longest, width - numbers));
  const unit = label + numbers + 2 + units <= width ? units : 0;
  const line = (name: string, values: readonly string[], last: string): string =>
    cell(name, label) +
    values.map((value, at) => `  ${cell(value, widths[at] ?? 0, "right")}`).join("") +
    (unit > 0 ? `  ${last}` : "");
  return [
    [span(line("  variable", COLUMNS, ""), "muted")],
    ...rows.map(
      (row): Line => [
        span(
          line(row.label, row.numbers, row.unit),
          row.isMarked ? "accent" : "text",
          row.shown || row.isMarked ? true : undefined,
        ),
      ],
    ),
  ];
}

/** Shortest drawing of a chart that can be read. */
const CHART_ROWS = 6;

/** A chart with its title, axes and legend, about `size.height` rows high. */
export function chartLines(
  chart: VizOutput,
  size: { readonly width: number; readonly height: number; readonly drawChart: DrawChart },
): readonly Line[] {
  return drawn(chart, { ...size, height: Math.max(CHART_ROWS, size.height) });
}

interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly lines: readonly Line[];
}

const drawings = new WeakMap<VizOutput, Drawing>();

function drawn(
  chart: VizOutput,
  size: { readonly width: number; readonly height: number; readonly drawChart: DrawChart },
): readonly Line[] {
  const { width, height } = size;
  const before = drawings.get(chart);
  if (before?.width === width && before.height === height) return before.lines;
  const { series, xLabel, title, mark = "line" } = chart;
  const lines = size
    .drawChart({ series, xLabel, title, mark, width, height })
    .map(
      (parts): Line =>
        parts.map(({ text, series: index }) =>
          span(text, index === undefined ? "muted" : seriesTone(index)),
        ),
    );
  drawings.set(chart, { width, height, lines });
  return lines;
}

function chartFiles(chart: VizOutput): readonly Line[] {
  const { svg, png, spec, report } = chart;
  return [[], ...[svg, png, spec, ...(report === undefined ? [] : [report])].map(fileLine)];
}

function fileLine(artifact: Artifact): Line {
  const rows = artifact.rows === undefined ? "" : ` · ${artifact.rows} rows`;
  return [
    span("file   ", "muted"),
    span(artifact.name),
    span(`  ${formatBytes(artifact.bytes)}${rows}`, "muted"),
  ];
}
