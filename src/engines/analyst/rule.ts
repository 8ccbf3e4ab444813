/** What every rule is made of. */
import type { ExtremeKind, Intent, Measure, Parsed, TimeWindow } from "./intent.ts";
import type { Cue } from "./lexicon.ts";
import type { Reading } from "./read-question.ts";
import type { Subject } from "./table.ts";

/** A question under consideration, with the slots that rules look at. */
export interface Case {
  readonly reading: Reading;
  readonly variables: readonly Subject[];
  readonly whole: TimeWindow;
}

/** A rule: what a case asks for, undefined when the rule does not fit. */
export type Rule = (question: Case) => Parsed | undefined;

/** What the rules look at beside cues; absent means "none". */
interface Slots {
  readonly variables: number;
  readonly points?: number;
  readonly windows?: number;
  readonly thresholds?: number;
}

/** Whether a case has exactly these slots filled and no cue beyond `cues`; commas are free. */
export function fits(question: Case, cues: readonly Cue[], slots: Slots): boolean {
  const { reading, variables } = question;
  return (
    variables.length === slots.variables &&
    reading.points.length === (slots.points ?? 0) &&
    reading.windows.length <= (slots.windows ?? 0) &&
    reading.thresholds.length === (slots.thresholds ?? 0) &&
    [...reading.cues].every((cue) => cue === "comma" || cues.includes(cue))
  );
}

/** An understood question. */
export function understood(intent: Intent): Parsed {
  return { status: "understood", intent };
}

/** A question that is not answered, and why. */
export function abstain(reason: string): Parsed {
  return { status: "abstained", reason };
}

/** The extreme a question speaks of; undefined for none, or for both at once. */
export function extremeOf({ cues }: Reading): ExtremeKind | undefined {
  if (cues.has("peak") === cues.has("minimum")) return undefined;
  return cues.has("peak") ? "peak" : "minimum";
}

/** The one measure by which a question compares; undefined for none, or for more than one. */
export function measureOf({ reading, whole }: Case): Measure | undefined {
  const [window = whole] = reading.windows;
  const which = extremeOf(reading);
  const asksTime = reading.cues.has("earlier") || reading.cues.has("later");
  const [point] = reading.points;
  const measures: Measure[] = [];
  if (which !== undefined) {
    const isTime = asksTime || reading.cues.has("first") || reading.cues.has("last");
    measures.push({ type: isTime ? "time-of-extreme" : "extreme", which, window });
  }
  if (reading.cues.has("mean")) measures.push({ type: "mean", window });
  if (point !== undefined) measures.push({ type: "value-at", point });
  return measures.length === 1 ? measures[0] : undefined;
}
