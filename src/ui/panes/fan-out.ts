/** A fan-out: folded to what its instances come to, or unfolded to a list of them. */
import type { RunView } from "../../console/console-state.ts";
import { instanceOf, instancesOf, itemsOf } from "../../orchestrator/instances.ts";
import type { StepState } from "../../orchestrator/state.ts";
import type { StepKey } from "../../protocol/ids.ts";
import { formatDuration, formatPercent } from "../format.ts";
import { plannedFor } from "../model/plan-dialog.ts";
import type { Line, Span, Tone } from "../spans.ts";
import { lineWidth, span } from "../spans.ts";
import type { StepWord } from "../theme.ts";
import { stepLook } from "../theme.ts";
import type { PaneInput } from "./pane.ts";
import { progressOf, stepElapsedMs, stepWord, workerOf } from "./step-facts.ts";
import { tableLines } from "./table.ts";

/** How many instances of a fan-out are shown with each word; words that none has are left out. */
export interface FanOutCounts {
  readonly total: number;
  readonly words: readonly (readonly [word: StepWord, count: number])[];
}

/** What comes first: what is done, what is being done, what went wrong, what is to come. */
const ORDER: readonly StepWord[] = [
  "succeeded",
  "cached",
  "running",
  "dispatched",
  "retrying",
  "failed",
  "waiting",
];

const counted = new WeakMap<RunView, Map<StepKey, FanOutCounts | undefined>>();

/**
 * What the instances of a step come to; undefined for a step that has none, or none yet. Counted
 * once for each picture of a run: a list may have a thousand items.
 */
export function fanOutCounts(run: RunView, key: StepKey): FanOutCounts | undefined {
  const known = counted.get(run) ?? new Map<StepKey, FanOutCounts | undefined>();
  counted.set(run, known);
  if (!known.has(key)) known.set(key, countsOf(run, key));
  return known.get(key);
}

function countsOf(run: RunView, key: StepKey): FanOutCounts | undefined {
  const counts = new Map<StepWord, number>();
  const keys = isFannedOut(run, key) ? instancesOf(run.state, key) : [];
  if (keys.length === 0) return undefined;
  for (const one of keys) {
    const step = run.state.steps[one];
    const word = step === undefined ? "waiting" : stepWord(run, step);
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const words = [...counts].sort(([one], [other]) => placeOf(one) - placeOf(other));
  return { total: keys.length, words };
}

function isFannedOut({ state }: RunView, key: StepKey): boolean {
  return state.origin.flow.steps.some(({ id, foreach }) => String(id) === key && foreach != null);
}

function placeOf(word: StepWord): number {
  const at = ORDER.indexOf(word);
  return at < 0 ? ORDER.length : at;
}

/** `×12 (9 ✓ 2 ◐ 1 ✗)`, closer together where there is little room. */
export function fanOutLine({ total, words }: FanOutCounts, width: number): Line {
  const wide = [span(`×${total} (`), ...countSpans(words, " "), span(")")];
  return lineWidth(wide) <= width ? wide : [span(`×${total} `), ...countSpans(words, "")];
}

/** `9✓ 2◐ 1✗`, with a gap between each number and its glyph. */
export function countSpans(words: FanOutCounts["words"], gap: "" | " "): readonly Span[] {
  return words.map(([word, count], index) => {
    const { glyph, tone } = stepLook(word);
    return span(`${index === 0 ? "" : " "}${count}${gap}${glyph}`, tone);
  });
}

/** `12 instances: 9 succeeded, 2 running, 1 failed`. */
export function fanOutWords({ total, words }: FanOutCounts): string {
  return `${total} instances: ${words.map(([word, count]) => `${count} ${word}`).join(", ")}`;
}

interface InstanceRow {
  readonly key: StepKey;
  readonly step: StepState;
  readonly item: string;
}

/** The instances of `parent` in a list; the selected one is always in view. */
export function fanOutList(input: PaneInput, run: RunView, selected: StepKey): readonly Line[] {
  const parent = instanceOf(selected)?.parent ?? selected;
  const items = itemsOf(run.state, parent);
  const rows = instancesOf(run.state, parent).flatMap((key, index): readonly InstanceRow[] => {
    const step = run.state.steps[key];
    return step === undefined ? [] : [{ key, step, item: itemText(items[index]) }];
  });
  return tableLines({
    columns: [
      {
        title: "instance",
        width: Math.max(8, ...rows.slice(-1).map(({ key }) => key.length)),
        priority: 1,
        text: ({ key }) => key,
      },
      {
        title: "state",
        width: 13,
        priority: 1,
        text: (row) => standingOf(row, run, input).text,
        tone: (row) => standingOf(row, run, input).tone,
      },
      {
        title: "#",
        width: 3,
        align: "right",
        priority: 2,
        text: ({ step }) => (step.attempts.length === 0 ? "" : String(step.attempts.length)),
      },
      {
        title: "took",
        width: 7,
        align: "right",
        priority: 1,
        text: ({ step }) => {
          const elapsed = stepElapsedMs(run, step, input.state.now);
          return elapsed === null ? "" : formatDuration(elapsed);
        },
      },
      {
        title: "done",
        width: 4,
        align: "right",
        priority: 4,
        text: ({ step }) => {
          const fraction = progressOf(run, step)?.fraction;
          return fraction == null || stepWord(run, step) !== "running"
            ? ""
            : formatPercent(fraction);
        },
        tone: () => "live",
      },
      {
        title: "worker",
        width: 14,
        priority: 5,
        text: ({ step }) => workerOf(run, step),
        tone: () => "muted",
      },
      {
        title: "item",
        width: 10,
        priority: 3,
        grows: true,
        text: ({ item }) => item,
        tone: () => "muted",
      },
    ],
    rows,
    selected: rows.find(({ key }) => key === selected),
    width: input.width,
    height: input.height,
    focused: input.focused,
    empty: "Its list has no items.",
  });
}

/** Where an instance stands, or what the plan that is shown would make of it. */
function standingOf(
  { key, step }: InstanceRow,
  run: RunView,
  { screen }: PaneInput,
): { readonly text: string; readonly tone: Tone } {
  const planned = plannedFor(screen, key);
  if (planned === "again") return { text: "↻ again", tone: "warning" };
  if (planned === "stale") return { text: "◌ to be stale", tone: "muted" };
  const { glyph, word, tone } = stepLook(stepWord(run, step));
  return { text: `${glyph} ${word}`, tone };
}

function itemText(item: ReturnType<typeof itemsOf>[number] | undefined): string {
  return typeof item === "string" ? item : JSON.stringify(item ?? null);
}
