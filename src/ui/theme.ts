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

/** With more colours, greys and blues for a dark ground. */
const DARK: Readonly<Record<Tone, string>> = {
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

/** The same meanings in darker colours, legible on white. */
const LIGHT: Readonly<Record<Tone, string>> = {
  text: "",
  muted: "38;5;242",
  accent: "38;5;25",
  good: "38;5;28",
  bad: "38;5;160",
  warning: "38;5;130",
  live: "38;5;26",
  "series-0": "38;5;25",
  "series-1": "38;5;166",
  "series-2": "38;5;127",
  "series-3": "38;5;28",
  "series-4": "38;5;61",
  "series-5": "38;5;160",
};

/** Bright colours only, and nothing greyed out. */
const HIGH_CONTRAST: Readonly<Record<Tone, string>> = {
  text: "",
  muted: "",
  accent: "1;96",
  good: "1;92",
  bad: "1;91",
  warning: "1;93",
  live: "1;94",
  "series-0": "96",
  "series-1": "93",
  "series-2": "95",
  "series-3": "92",
  "series-4": "94",
  "series-5": "91",
};

/** The themes one can ask for; `auto` looks at the terminal's ground. */
export const THEME_NAMES = ["auto", "dark", "light", "high-contrast", "16", "none"] as const;
export type ThemeName = (typeof THEME_NAMES)[number];

/** The look of a theme at a colour level; `none` keeps bold and inverse, which are not colours. */
export function themeOf(level: ColourLevel, name: ThemeName = "auto"): Theme {
  const codes = codesOf(level, name);
  return {
    paint: (line, width) =>
      fitLine(line, width)
        .map((part) => paintSpan(part, codes))
        .join(""),
  };
}

function codesOf(level: ColourLevel, name: ThemeName): Readonly<Record<Tone, string>> | undefined {
  if (level === "none" || name === "none") return undefined;
  if (name === "high-contrast") return HIGH_CONTRAST;
  if (level === "16" || name === "16") return BASIC;
  return name === "light" ? LIGHT : DARK;
}

/** What a terminal answers when it is asked for its ground: `rgb:ffff/ffff/ffff`. */
const GROUND = /^rgba?:([0-9a-f]{1,4})\/([0-9a-f]{1,4})\/([0-9a-f]{1,4})/i;

/** The theme for a ground; undefined for an answer that is not one. */
export function themeForGround(answer: string): "dark" | "light" | undefined {
  const parts = GROUND.exec(answer)?.slice(1);
  if (parts === undefined) return undefined;
  const [red = 0, green = 0, blue = 0] = parts.map(
    (part) => Number.parseInt(part, 16) / (16 ** part.length - 1),
  );
  // Relative brightness as in ITU-R BT.709.
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.5 ? "light" : "dark";
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
  | "ready"
  | "dispatched"
  | "running"
  | "retrying"
  | "cancelling"
  | "succeeded"
  | "cached"
  | "failed"
  | "cancelled"
  | "blocked"
  | "paused"
  | "awaiting-approval"
  | "skipped"
  | "stale";

const STEP_LOOKS: Readonly<Record<StepWord, readonly [string, Tone]>> = {
  waiting: ["○", "muted"],
  ready: ["◦", "live"],
  dispatched: ["◔", "live"],
  running: ["◐", "live"],
  retrying: ["↻", "warning"],
  cancelling: ["◌", "warning"],
  succeeded: ["✓", "good"],
  cached: ["◆", "good"],
  failed: ["✗", "bad"],
  cancelled: ["⊘", "muted"],
  blocked: ["⊗", "bad"],
  paused: ["‖", "warning"],
  "awaiting-approval": ["?", "warning"],
  skipped: ["↷", "muted"],
  stale: ["≠", "warning"],
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
