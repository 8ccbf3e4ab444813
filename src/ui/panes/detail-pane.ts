/** Everything about the selected step, a tab at a time. */
import { attemptText } from "../../orchestrator/reuse.ts";
import { lastAttempt, outputOf } from "../../orchestrator/state.ts";
import { formatClock, formatDuration } from "../format.ts";
import type { DetailTab, Screen, View } from "../model/screen.ts";
import { DETAIL_TABS } from "../model/screen.ts";
import type { SelectedStep } from "../model/selection.ts";
import { selectedStep, shownTab } from "../model/selection.ts";
import type { Line, Tone } from "../spans.ts";
import { cell, span, wrapText } from "../spans.ts";
import { chartLines, lineOfVariable, outputLines, recognise } from "./output-lines.ts";
import type { PaneContent, PaneInput } from "./pane.ts";
import { chainLines, progressOf, stepWord, whyLines, workerOf } from "./step-facts.ts";

/** The detail pane. */
export function detailPane(input: PaneInput): PaneContent {
  const selected = selectedStep(input.screen, input.state);
  if (selected === undefined) {
    return {
      title: "Detail",
      info: [],
      lines: [
        [],
        [
          span(
            input.state.runs.length === 0
              ? "  Nothing has been run yet."
              : "  This run has no step.",
            "muted",
          ),
        ],
      ],
    };
  }
  const lines = detailLines(input);
  const last = Math.max(0, lines.length - input.height);
  const top = Math.min(last, input.screen.detailTop ?? startOf(lines, input));
  const below = lines.length - top - input.height;
  const more = below > 0 ? [span(`  ↓${below} more`, "muted")] : [];
  return {
    title: input.width < 66 ? selected.key : `Detail  ${selected.key}`,
    info: [...tabLine(shownTab(input.screen)), ...more],
    lines: lines.slice(top, top + input.height),
  };
}

/** How many lines the shown tab has, and at which it begins before anything is scrolled. */
export function detailSize(
  input: PaneInput | undefined,
): Pick<View, "detailLines" | "detailStart"> {
  if (input === undefined) return { detailLines: 0, detailStart: 0 };
  const lines = detailLines(input);
  return { detailLines: lines.length, detailStart: startOf(lines, input) };
}

/** A log begins at its end; what has a mark, where the mark is in the middle. */
function startOf(lines: readonly Line[], { screen, state, height, width }: PaneInput): number {
  const last = Math.max(0, lines.length - height);
  if (shownTab(screen) === "log") return last;
  const selected = selectedStep(screen, state);
  const output = selected === undefined ? undefined : outputOf(selected.step);
  const variable = selected === undefined ? undefined : markOf(selected, screen);
  if (output === undefined || variable === undefined || shownTab(screen) !== "output") return 0;
  const line = lineOfVariable(output, variable, width - 2);
  return Math.min(last, Math.max(0, line - Math.floor(height / 2)));
}

/** The marked variable of the selected step. */
function markOf({ run, key }: SelectedStep, { mark }: Screen): string | undefined {
  return mark !== null && mark.runId === run.runId && mark.stepKey === key
    ? mark.variable
    : undefined;
}

/** All lines of the shown tab, before scrolling. */
function detailLines(input: PaneInput): readonly Line[] {
  const selected = selectedStep(input.screen, input.state);
  if (selected === undefined) return [];
  const inner = { ...input, width: input.width - 2 };
  return TABS[shownTab(input.screen)](selected, inner).map((line) => [span(" "), ...line]);
}

function tabLine(shown: DetailTab): Line {
  return DETAIL_TABS.flatMap((tab, index) => [
    span(index === 0 ? "" : " "),
    tab === shown ? { text: `[${tab}]`, tone: "accent", bold: true } : span(tab, "muted"),
  ]);
}

type Tab = (selected: SelectedStep, input: PaneInput) => readonly Line[];

const TABS: Readonly<Record<DetailTab, Tab>> = {
  output: outputTab,
  input: (selected, { width }) => jsonLines(lastAttempt(selected.step)?.input ?? null, width),
  log: (selected, input) => {
    const lines = logTab(selected, input);
    return lines.length > 0 ? lines : [[span("No log line yet.", "muted")]];
  },
  attempts: attemptsTab,
  chart: chartTab,
  why: (selected, { state, width }) =>
    [...whyLines(selected, state), "", ...chainLines(selected)].flatMap((line) =>
      wrapText(line, width).map((one): Line => [span(one)]),
    ),
};

function outputTab(selected: SelectedStep, input: PaneInput): readonly Line[] {
  const { step, run } = selected;
  const output = outputOf(step);
  if (output !== undefined) {
    const mark = markOf(selected, input.screen);
    return outputLines(output, { ...input, ...(mark === undefined ? {} : { mark }) });
  }
  const result = lastAttempt(step)?.result;
  if (result?.status === "failed" && stepWord(run, step) !== "running") {
    return failureLines(selected, input);
  }
  const progress = progressOf(run, step);
  const message = progress?.message ?? "";
  const now: readonly Line[] = message === "" ? [] : [[span(message)], []];
  const written = progress?.text ?? "";
  if (written !== "") return [...writtenLines(written, input.width), [], ...now];
  const log = logTab(selected, input).slice(-Math.max(1, input.height - 4));
  const why = whyLines(selected, input.state).map((line): Line => [span(line, "muted")]);
  return [...now, ...(log.length > 0 ? [...log, []] : []), ...why];
}

/** An answer while it is being written; the mark at its end says that more comes. */
function writtenLines(text: string, width: number): readonly Line[] {
  return wrapText(`${text}▍`, width).map((line): Line => [span(line, "text", true)]);
}

function failureLines({ step, run }: SelectedStep, { width }: PaneInput): readonly Line[] {
  const result = lastAttempt(step)?.result;
  if (result?.status !== "failed") return [];
  const { kind, message, nextStep } = result.failure;
  return [
    [span(`✗ ${kind}`, "bad", true), span(`  ${workerOf(run, step)}`, "muted")],
    ...wrapText(message, width).map((line): Line => [span(line)]),
    ...(nextStep === undefined
      ? []
      : [[], ...wrapText(`→ ${nextStep}`, width).map((line): Line => [span(line, "accent")])]),
  ];
}

const LEVELS: Readonly<Record<"info" | "warning" | "error", readonly [string, Tone]>> = {
  info: [" ", "text"],
  warning: ["!", "warning"],
  error: ["✗", "bad"],
};

function logTab({ run, step }: SelectedStep, { width }: PaneInput): readonly Line[] {
  const tasks = new Set<string>(step.attempts.map((attempt) => attempt.taskId));
  return run.logs
    .filter((line) => tasks.has(line.taskId))
    .flatMap((line) => {
      const [mark, tone] = LEVELS[line.level];
      return wrapText(line.text, width - 11).map(
        (text, index): Line => [
          span(index === 0 ? `${formatClock(line.at)} ` : " ".repeat(9), "muted"),
          span(index === 0 ? `${mark} ` : "  ", tone),
          span(text, tone),
        ],
      );
    });
}

function attemptsTab({ step, run }: SelectedStep, { state }: PaneInput): readonly Line[] {
  if (step.attempts.length === 0) return [[span("No attempt has been made yet.", "muted")]];
  const head = `${cell("#", 3)} ${cell("began", 8)}  ${cell("took", 8, "right")}  ${cell("outcome", 12)} worker`;
  return [
    [span(head, "muted")],
    ...step.attempts.toReversed().map((attempt): Line => {
      const { result, cachedFrom } = attempt;
      const took = (result?.finishedAt ?? state.now) - (result?.startedAt ?? attempt.dispatchedAt);
      const ended = cachedFrom === undefined ? result?.status : "cached";
      const outcome = ended ?? stepWord(run, step);
      const [glyph, tone] = OUTCOMES[outcome] ?? ["◐", "live"];
      const note =
        result?.status === "failed" ? `  ${result.failure.kind}: ${result.failure.message}` : "";
      const origin = cachedFrom === undefined ? note : `  from ${attemptText(cachedFrom)}`;
      return [
        span(`${cell(String(attempt.attempt), 3)} ${formatClock(attempt.dispatchedAt)}  `),
        span(`${cell(formatDuration(took), 8, "right")}  `),
        span(cell(`${glyph} ${outcome}`, 13), tone),
        span(cell(result?.worker ?? workerOf(run, step), 18), "muted"),
        span(origin),
      ];
    }),
  ];
}

const OUTCOMES: Readonly<Record<string, readonly [string, Tone]>> = {
  succeeded: ["✓", "good"],
  cached: ["◆", "good"],
  failed: ["✗", "bad"],
  cancelled: ["⊘", "muted"],
};

/** The run's chart, whichever step is selected. */
function chartTab({ run, step }: SelectedStep, input: PaneInput): readonly Line[] {
  for (const one of [step, ...Object.values(run.state.steps)]) {
    const output = outputOf(one);
    const found = output === undefined ? undefined : recognise(output);
    if (found?.kind === "chart") return chartLines(found.value, input);
  }
  return [[span("This run has no chart yet.", "muted")]];
}

function jsonLines(
  value: NonNullable<ReturnType<typeof outputOf>> | null,
  width: number,
): readonly Line[] {
  if (value === null) return [[span("No attempt has been made yet.", "muted")]];
  const text = JSON.stringify(value, null, 2);
  return text
    .split("\n")
    .slice(0, 500)
    .flatMap((line) => {
      const indent = line.length - line.trimStart().length;
      return wrapText(line.trimStart(), Math.max(10, width - indent)).map(
        (part): Line => [span(" ".repeat(indent) + part)],
      );
    });
}
