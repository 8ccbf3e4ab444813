/** Dialogs as lines in a frame; they lie over the panes and say which keys they take. */
import type { RerunPlan } from "../../orchestrator/rerun-plan.ts";
import { formatDuration } from "../format.ts";
import type { Binding } from "../keymap/binding.ts";
import { bindingsByPlace, keyLabel } from "../keymap.ts";
import type { Dialog } from "../model/screen.ts";
import { selectedStep } from "../model/selection.ts";
import { paletteNow } from "../palette.ts";
import type { Line } from "../spans.ts";
import { cell, fitLine, span, truncate, widthOf, wrapText } from "../spans.ts";
import { fieldLine, keysLine } from "./dialog-parts.ts";
import { diffDialogLines } from "./diff-lines.ts";
import { formLines } from "./form-lines.ts";
import type { PaneInput } from "./pane.ts";
import { windowStart } from "./pane.ts";
import { sourceLines } from "./source-lines.ts";
import { chainLines, whyLines } from "./step-facts.ts";
import { verdictLines } from "./verdict-lines.ts";

/** A dialog ready to be drawn: every line is exactly `width` columns. */
export interface DialogBox {
  readonly width: number;
  readonly lines: readonly Line[];
}

/** Columns and rows of content a dialog may take at most. */
export interface Room {
  readonly columns: number;
  readonly rows: number;
}

/** Draws the open dialog. */
export function dialogBox(dialog: Dialog, input: PaneInput, room: Room): DialogBox {
  const width = Math.min(WIDTHS[dialog.kind] ?? 72, room.columns - 4);
  const inner = width - 4;
  const { title, lines } = contentOf(dialog, { ...input, width: inner }, room.rows - 2);
  return framed(title, lines.slice(0, room.rows - 2), width);
}

/** How wide a window is at most where it is not as wide as others. */
const WIDTHS: Partial<Record<Dialog["kind"], number>> = {
  help: 108,
  "new-run": 96,
  palette: 84,
  sources: 84,
  diff: 132,
};

interface Content {
  readonly title: string;
  readonly lines: readonly Line[];
}

function contentOf(dialog: Dialog, input: PaneInput, rows: number): Content {
  switch (dialog.kind) {
    case "help":
      return {
        title: "Keys",
        lines: [
          ...helpLines(input.keymap, input.width).slice(dialog.top, dialog.top + helpPage(rows)),
          [],
          keysLine([
            ["j/k", "scroll"],
            ["esc", "close"],
          ]),
        ],
      };
    case "why":
      return { title: "Why", lines: whyContent(input, rows) };
    case "sources":
      return { title: "Sources of the answer", lines: sourceLines(dialog, input, rows) };
    case "diff":
      return { title: "Diff", lines: diffDialogLines(dialog, input, rows) };
    case "confirm":
      return { title: dialog.title, lines: confirmContent(dialog, input.width) };
    case "quit":
      return { title: "Quit", lines: quitContent(dialog.active) };
    case "prompt":
      return {
        title: dialog.title,
        lines: [
          ...(dialog.hint === "" ? [] : [[span(dialog.hint, "muted")]]),
          [],
          fieldLine(dialog.field, input.width, true),
          [],
          keysLine([
            ["enter", "ok"],
            ...(dialog.purpose.kind === "ask" && input.state.questions.length > 0
              ? [["↑↓", "earlier questions"] as const]
              : []),
            ["esc", "close"],
          ]),
        ],
      };
    case "new-run":
      return {
        title: dialog.form.changes === undefined ? "New run" : "Other parameters",
        lines: formLines(dialog.form, input, rows),
      };
    case "verdict":
      return {
        title: `${dialog.form.stepKey} waits for you`,
        lines: verdictLines(dialog.form, input.width),
      };
    case "palette":
      return { title: "Palette", lines: paletteContent(dialog, input, rows) };
  }
}

function framed(title: string, lines: readonly Line[], width: number): DialogBox {
  const inner = width - 4;
  const name = ` ${truncate(title, inner - 2)} `;
  const rule = "━".repeat(Math.max(0, width - 3 - widthOf(name)));
  const side = (text: string): Line => [span(text, "accent", true)];
  return {
    width,
    lines: [
      [...side("┏━"), span(name, "text", true), ...side(`${rule}┓`)],
      ...lines.map((line) => [...side("┃ "), ...fitLine(line, inner), ...side(" ┃")]),
      side(`┗${"━".repeat(width - 2)}┛`),
    ],
  };
}

function confirmContent(
  dialog: Extract<Dialog, { kind: "confirm" }>,
  width: number,
): readonly Line[] {
  const yes = dialog.enterConfirms ? "enter" : "y";
  const lines = dialog.lines.flatMap((line) => wrapIndented(line, width));
  return [
    [],
    ...lines,
    ...estimateLines(dialog.plan),
    [],
    keysLine([
      [yes, dialog.confirmLabel],
      ["esc", "no"],
    ]),
  ];
}

/** How long a plan may take; nothing where there is no history. */
function estimateLines(plan: RerunPlan | undefined): readonly Line[] {
  if (plan === undefined || plan.estimateMs === null) return [];
  return [[span(`About ${formatDuration(plan.estimateMs)}, by earlier attempts.`, "muted")]];
}

function wrapIndented(text: string, width: number): readonly Line[] {
  const indent = text.length - text.trimStart().length;
  return wrapText(text.trimStart(), width - indent).map(
    (line): Line => [span(" ".repeat(indent) + line)],
  );
}

function quitContent(active: number): readonly Line[] {
  const runs = active === 1 ? "One run is active." : `${active} runs are active.`;
  return [
    [],
    [span(runs)],
    [],
    keysLine([["w", "wait until they have ended, then quit"]]),
    keysLine([["c", "cancel them and quit"]]),
    keysLine([["l", "leave them running without this console"]]),
    keysLine([["esc", "stay"]]),
  ];
}

/** What is known, then the events that led there; the newest when not all have room. */
function whyContent({ screen, state, width }: PaneInput, rows: number): readonly Line[] {
  const selected = selectedStep(screen, state);
  if (selected === undefined) return [];
  const facts = whyLines(selected, state).flatMap((line) => wrapText(line, width));
  const chain = chainLines(selected).flatMap((line) => wrapText(line, width));
  const room = Math.max(0, rows - facts.length - 4);
  const rest = chain.length > room ? [`… the why tab of the details has the rest`] : [];
  return [
    ...facts.map((line): Line => [span(line)]),
    [],
    ...[...chain.slice(0, room), ...rest].map((line): Line => [span(line, "muted")]),
    [],
    keysLine([["esc", "close"]]),
  ];
}

/** The text, then the rows around the chosen one; as high as it can be, so that nothing jumps. */
function paletteContent(
  dialog: Extract<Dialog, { kind: "palette" }>,
  { screen, state, keymap, width }: PaneInput,
  rows: number,
): readonly Line[] {
  const items = paletteNow(screen, state, keymap);
  const room = Math.max(1, Math.min(16, rows - 4));
  const start = windowStart(dialog.row, items.length, Math.min(room, items.length));
  const shown = items.slice(start, start + room).map((item, index): Line => {
    const chosen = start + index === dialog.row;
    const tone = item.reason !== null ? "muted" : chosen ? "accent" : "text";
    const detail = item.reason === null ? item.detail : `not now: ${item.reason}`;
    const label = Math.min(30, Math.floor(width / 2));
    return fitLine(
      [
        span(chosen ? "› " : "  ", "accent", true),
        span(`${cell(item.label, label)} `, tone, chosen),
        span(`${cell(item.key ?? "", 6)} `, "accent"),
        span(truncate(detail, width - label - 10), "muted"),
      ],
      width,
    );
  });
  const none: readonly Line[] = items.length === 0 ? [[span("  nothing matches", "muted")]] : shown;
  const blank = Array.from({ length: Math.max(0, room - none.length) }, (): Line => []);
  return [
    fieldLine(dialog.field, width, true),
    [],
    ...none,
    ...blank,
    keysLine([
      ["enter", "do"],
      ["↑/↓", "choose"],
      ["esc", "close"],
    ]),
  ];
}

/** How many help lines fit into `rows`. */
export function helpPage(rows: number): number {
  return Math.max(1, rows - 2);
}

/** The whole help, made from the keymap. */
export function helpLines(keymap: readonly Binding[], width: number): readonly Line[] {
  return [...bindingsByPlace(keymap)].flatMap(([place, bindings], index): readonly Line[] => [
    ...(index === 0 ? [] : [[]]),
    [span(place, "text", true)],
    ...bindings.flatMap(({ keys, help }) =>
      wrapText(help, width - 23).map((text, row): Line => {
        const shown = row === 0 ? keys.map(keyLabel).join("  ") : "";
        return [span(`  ${cell(shown, 20)} `, "accent"), span(text)];
      }),
    ),
  ]);
}
