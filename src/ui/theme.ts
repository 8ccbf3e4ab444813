/** How meanings look: colours by level, and a glyph and a word for every state. */
import type { WorkerStatus } from "../console/console-state.ts";
import type { RunStatus } from "../orchestrator/state.ts";
import type { Line, Span, Tone } from "./spans.ts";
import { fitLine } from "./spans.ts";

/** How many colours the terminal can show. */
export type ColourLevel = "none" | "16" | "256" | "truecolor";

/** Turns a line into text for the terminal. */
export interface Theme {
  /** Exactly `width` columns, escaped and coloured. */
  paint(line: Line, width: number): string;
}

/** The 16 colours follow the palette the operator has chosen. */
const BASIC: Readonly<Record<Tone, string>> = {
  text: "",
  muted: "90",
  accent: "36",
  good: "32",
  bad: "31",
  warning: "33",
  live: "34",
  "series-0": "36",
  "series-1": "33",
  "series-2": "35",
  "series-3": "32",
  "series-4": "34",
  "series-5": "31",
};

/** With more colours, greys and blues that stay legible on dark and light ground. */
const RICH: Readonly<Record<Tone, string>> = {
  ...BASIC,
  muted: "38;5;245",
  accent: "38;5;38",
  live: "38;5;75",
  "series-0": "38;5;39",
  "series-1": "38;5;208",
  "series-2": "38;5;170",
  "series-3": "38;5;71",
  "series-4": "38;5;105",
  "series-5": "38;5;203",
};

/** The look for a colour level; `none` keeps bold and inverse, which are not colours. */
export function themeOf(level: ColourLevel): Theme {
  const codes = level === "none" ? undefined : level === "16" ? BASIC : RICH;
  return {
    paint: (line, width) =>
      fitLine(line, width)
        .map((part) => paintSpan(part, codes))
        .join(""),
  };
}

function paintSpan(part: Span, codes: Readonly<Record<Tone, string>> | undefined): string {
  const style: string[] = [];
  if (part.bold === true) style.push("1");
  if (part.inverse === true) style.push("7");
  const colour = part.tone === undefined ? "" : (codes?.[part.tone] ?? "");
  if (colour !== "") style.push(colour);
  return style.length === 0 ? part.text : `\u001B[${style.join(";")}m${part.text}\u001B[0m`;
}

/** How a state is shown: never by colour alone. */
export interface StatusLook {
  readonly glyph: string;
  readonly word: string;
  readonly tone: Tone;
}

/** What a step can be shown as. */
export type StepWord =
  | "waiting"
  | "dispatched"
  | "running"
  | "retrying"
  | "cancelling"
  | "succeeded"
  | "failed"
  | "cancelled"
  | "blocked";

const STEP_LOOKS: Readonly<Record<StepWord, readonly [string, Tone]>> = {
  waiting: ["○", "muted"],
  dispatched: ["◔", "live"],
  running: ["◐", "live"],
  retrying: ["↻", "warning"],
  cancelling: ["◌", "warning"],
  succeeded: ["✓", "good"],
  failed: ["✗", "bad"],
  cancelled: ["⊘", "muted"],
  blocked: ["⊗", "bad"],
};

const WORKER_LOOKS: Readonly<Record<WorkerStatus, readonly [string, Tone]>> = {
  starting: ["◔", "live"],
  ready: ["●", "good"],
  busy: ["◐", "live"],
  draining: ["◌", "warning"],
  restarting: ["↻", "warning"],
  stopped: ["○", "muted"],
  "given-up": ["✗", "bad"],
  lost: ["✗", "bad"],
};

/** How a step is shown. */
export function stepLook(word: StepWord): StatusLook {
  const [glyph, tone] = STEP_LOOKS[word];
  return { glyph, word, tone };
}

/** How a run is shown. */
export function runLook(status: RunStatus): StatusLook {
  return stepLook(status);
}

/** How a worker is shown. */
export function workerLook(status: WorkerStatus): StatusLook {
  const [glyph, tone] = WORKER_LOOKS[status];
  return { glyph, word: status === "given-up" ? "given up" : status, tone };
}

/** The colour of the n-th line of a chart. */
export function seriesTone(index: number): Tone {
  const tones: readonly Tone[] = [
    "series-0",
    "series-1",
    "series-2",
    "series-3",
    "series-4",
    "series-5",
  ];
  return tones[index % tones.length] ?? "text";
}
