/** A step as a card of the graph: its name, state, time and progress. */
import type { RunView } from "../../console/console-state.ts";
import { isPlayed } from "../../console/unplayed-agents.ts";
import type { Step } from "../../orchestrator/flow.ts";
import { attemptText } from "../../orchestrator/reuse.ts";
import type { StepProgress, StepState } from "../../orchestrator/state.ts";
import { lastAttempt } from "../../orchestrator/state.ts";
import { stepKeyOf } from "../../protocol/ids.ts";
import { formatDuration, formatPercent, progressBar } from "../format.ts";
import { plannedFor } from "../model/plan-dialog.ts";
import { selectedStep } from "../model/selection.ts";
import type { Line, Tone } from "../spans.ts";
import { cell, fitLine, span, widthOf } from "../spans.ts";
import type { StatusLook } from "../theme.ts";
import { stepLook } from "../theme.ts";
import { conditionText } from "./condition-text.ts";
import type { FanOutCounts } from "./fan-out.ts";
import { fanOutCounts, fanOutLine } from "./fan-out.ts";
import type { PaneInput } from "./pane.ts";
import { progressOf, stepElapsedMs, stepWord, workerOf } from "./step-facts.ts";

/** What a card is drawn with. */
export interface CardContext {
  readonly input: PaneInput;
  readonly run: RunView;
  readonly width: number;
  /** `CARD_ROWS`, or 1 where there is little room. */
  readonly cardRows: number;
}

/** The rows of a card with a frame. */
export const CARD_ROWS = 4;

const MARKER_WIDTH = 4;
const WORD_WIDTH = 11;
const CLOCK_WIDTH = 8;

/** The columns a card of one row takes besides its name at best. */
export const PLAIN_EXTRAS = MARKER_WIDTH + 1 + WORD_WIDTH + CLOCK_WIDTH;

/** The rows of a step's card. */
export function cardLines(definition: Step, context: CardContext): readonly Line[] {
  const { run, input, width } = context;
  const entry = Object.entries(run.state.steps).find(([key]) => key === String(definition.id));
  if (entry === undefined) return [];
  const [, step] = entry;
  const look = stepLook(stepWord(run, step));
  const counts = fanOutCounts(run, stepKeyOf(definition.id));
  const chosen = selectedStep(input.screen, input.state)?.definition === definition;
  const elapsed = stepElapsedMs(run, step, input.state.now);
  const clock = elapsed === null ? "" : formatDuration(elapsed);
  if (context.cardRows === 1)
    return [fitLine(oneRow(nameWith(definition, counts), { look, clock, chosen, width }), width)];
  const frame = frameOf(chosen, input.focused);
  const inner = width - 4;
  const side = span(frame.side, frame.tone, chosen);
  const row = (line: Line): Line => [side, span(" "), ...fitLine(line, inner), span(" "), side];
  const name = ` ${definition.id} `;
  // Room for a clock is kept from the start on, so that nothing moves when time passes.
  const reserved = Math.min(7, Math.max(0, inner - 2 - widthOf(look.word)));
  const rule = frame.rule.repeat(Math.max(0, width - 3 - name.length));
  return [
    [
      span(frame.topLeft + frame.rule, frame.tone, chosen),
      span(name, chosen ? frame.tone : "text", true),
      span(rule + frame.topRight, frame.tone, chosen),
    ],
    row([
      ...fitLine(
        [span(`${look.glyph} `, look.tone), span(look.word, look.tone, true)],
        inner - reserved,
      ),
      span(cell(clock, reserved, "right")),
    ]),
    row(
      plannedRow(input.screen, definition.id) ??
        unplayedRow(input, run, step, definition) ??
        (counts === undefined ? secondRow(context, definition, step) : fanOutLine(counts, inner)),
    ),
    [span(frame.bottomLeft + frame.rule.repeat(width - 2) + frame.bottomRight, frame.tone, chosen)],
  ];
}

interface OneRow {
  readonly look: StatusLook;
  readonly clock: string;
  readonly chosen: boolean;
  readonly width: number;
}

/** Marker, glyph and name; the state's word and the time where there is room. */
function oneRow(name: string, { look, clock, chosen, width }: OneRow): Line {
  const least = MARKER_WIDTH + 1 + Math.min(widthOf(name), 12);
  const hasTime = width >= least + CLOCK_WIDTH;
  const hasWord = width >= least + CLOCK_WIDTH + WORD_WIDTH;
  const word = hasWord ? [span(cell(look.word, WORD_WIDTH), look.tone)] : [];
  const time = hasTime ? [span(`${cell(clock, CLOCK_WIDTH - 1, "right")} `, "muted")] : [];
  const room = width - MARKER_WIDTH - word.length * WORD_WIDTH - time.length * CLOCK_WIDTH;
  return [
    span(chosen ? "› " : "  ", "accent", true),
    span(`${look.glyph} `, look.tone, true),
    span(`${cell(name, room - 1)} `, chosen ? "accent" : "text", chosen),
    ...word,
    ...time,
  ];
}

/** What a plan that is being shown would do to the step. */
function plannedRow(screen: PaneInput["screen"], key: string): Line | undefined {
  const planned = plannedFor(screen, key);
  if (planned === undefined) return undefined;
  return planned === "again"
    ? [span("↻ will be done again", "warning", true)]
    : [span("◌ becomes stale", "muted", true)];
}

/** That a step waits for a worker where there is none. */
function unplayedRow(
  { state }: PaneInput,
  run: RunView,
  step: StepState,
  { agent }: Step,
): Line | undefined {
  if (stepWord(run, step) !== "dispatched" || isPlayed(agent, state.workers)) return undefined;
  return [span(`no ${agent} worker`, "warning")];
}

/** On one row a fan-out says how many it is, and how many are done. */
function nameWith({ id }: Step, counts: FanOutCounts | undefined): string {
  if (counts === undefined) return id;
  const done = counts.words
    .filter(([word]) => word === "succeeded" || word === "cached")
    .reduce((sum, [, count]) => sum + count, 0);
  return `${id} ×${counts.total}${done === counts.total ? "" : ` ${done}✓`}`;
}

/** A bar while the step is live, then who did it in which attempt; before, what it waits for. */
function secondRow({ run, width: outer }: CardContext, definition: Step, step: StepState): Line {
  const width = outer - 4;
  const word = stepWord(run, step);
  const attempts = step.attempts.length;
  const progress = progressOf(run, step);
  if (word === "running" && progress !== undefined)
    return liveRow(progress.fraction, attempts, width);
  const { progress: at } = step;
  const said = standingOf(at, definition);
  if (said !== undefined)
    return [span(said, at.status === "awaiting-approval" ? "warning" : "muted")];
  if (attempts === 0) return [];
  const from = lastAttempt(step)?.cachedFrom;
  if (from !== undefined) return [span(cell(`from ${attemptText(from)}`, width), "muted")];
  const worker = workerOf(run, step);
  const done = worker === "" ? `attempt ${attempts}` : `attempt ${attempts} · ${worker}`;
  return [span(widthOf(done) <= width ? done : `#${attempts} · ${worker}`, "muted")];
}

/** Why a step stands where no worker has put it; undefined where a worker has. */
function standingOf(at: StepProgress, { when, approval, foreach }: Step): string | undefined {
  switch (at.status) {
    case "blocked":
    case "stale":
      return `by ${at.by}`;
    case "skipped":
      return at.reason;
    case "awaiting-approval":
      return "A: approve or reject";
    case "waiting":
      if (approval !== undefined) return "a person is asked";
      if (when !== undefined) return `when ${conditionText(when)}`;
      return foreach === undefined ? undefined : "once per item";
    default:
      return undefined;
  }
}

function liveRow(fraction: number | null, attempts: number, width: number): Line {
  const note = attempts > 1 ? ` #${attempts}` : "";
  if (fraction === null) return [span(`working…${note}`, "muted")];
  const room = Math.max(4, width - 5 - note.length);
  return [
    span(progressBar(fraction, room), "live"),
    span(cell(formatPercent(fraction), 5, "right")),
    span(note, "muted"),
  ];
}

interface CardFrame {
  readonly topLeft: string;
  readonly topRight: string;
  readonly bottomLeft: string;
  readonly bottomRight: string;
  readonly rule: string;
  readonly side: string;
  readonly tone: Tone;
}

function frameOf(chosen: boolean, focused: boolean): CardFrame {
  const [topLeft = "", topRight = "", bottomLeft = "", bottomRight = "", rule = "", side = ""] =
    chosen ? ["┏", "┓", "┗", "┛", "━", "┃"] : ["╭", "╮", "╰", "╯", "─", "│"];
  const tone: Tone = chosen ? (focused ? "accent" : "text") : "muted";
  return { topLeft, topRight, bottomLeft, bottomRight, rule, side, tone };
}
