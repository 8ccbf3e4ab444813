/**
 * The one table of keys: what each does, where, what it is called, and why it may be disabled. The
 * help, the footer and the table in the README are made from it.
 */

import type { Binding, Context } from "./keymap/binding.ts";
import { CHOOSING, DIALOG_KEYS, FORMS, TEXTS } from "./keymap/dialog-keys.ts";
import { MOVABLE, PANE_KEYS } from "./keymap/pane-keys.ts";
import { RUN_KEYS } from "./keymap/run-keys.ts";
import type { Screen } from "./model/screen.ts";

/** Every key of the console. */
export const KEYMAP: readonly Binding[] = [...PANE_KEYS, ...RUN_KEYS, ...DIALOG_KEYS];

/** The contexts that keys are looked up in now, the narrowest first. */
export function contextsOf(screen: Screen, hasRuns: boolean): readonly Context[] {
  const { dialog } = screen;
  if (dialog !== null) {
    switch (dialog.kind) {
      case "help":
      case "why":
      case "sources":
      case "diff":
      case "quit":
      case "prompt":
      case "verdict":
      case "palette":
        return [dialog.kind];
      case "confirm":
        return [dialog.enterConfirms ? "confirm" : "confirm-danger"];
      case "new-run":
        return ["form"];
    }
  }
  if (screen.filterField !== null) return ["text"];
  if (screen.focus === "flow" && !hasRuns) return ["welcome", "panes"];
  if (screen.focus === "topics" && screen.openTopic !== null) return ["messages", "panes"];
  return [screen.focus, "panes"];
}

/** Whether typed characters are text now. */
export function takesText(contexts: readonly Context[]): boolean {
  return contexts.some((context) => TEXTS.includes(context));
}

/** What a key means in the given contexts. */
export function bindingFor(
  keymap: readonly Binding[],
  contexts: readonly Context[],
  key: string,
): Binding | undefined {
  for (const context of contexts) {
    const found = keymap.find(
      (binding) => binding.contexts.includes(context) && binding.keys.includes(key),
    );
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The keys worth showing now, the most useful first. */
export function footerBindings(
  keymap: readonly Binding[],
  contexts: readonly Context[],
): readonly Binding[] {
  return contexts.flatMap((context) =>
    keymap
      .filter((binding) => binding.footer !== undefined && binding.contexts.includes(context))
      .toSorted((left, right) => (left.footer ?? 0) - (right.footer ?? 0)),
  );
}

const KEY_NAMES: Readonly<Record<string, string>> = {
  up: "↑",
  down: "↓",
  left: "←",
  right: "→",
  escape: "esc",
  pageup: "PgUp",
  pagedown: "PgDn",
  "shift-tab": "shift-tab",
  f2: "F2",
  " ": "space",
};

/** A key as people write it. */
export function keyLabel(key: string): string {
  return KEY_NAMES[key] ?? key;
}

/** The key table of the README, as Markdown. */
export function keymapMarkdown(): string {
  const rows = [...bindingsByPlace(KEYMAP)].flatMap(([place, bindings]) =>
    bindings.map((binding) => {
      const keys = binding.keys.map((key) => `\`${keyLabel(key)}\``).join(" ");
      return `| ${keys} | ${place} | ${binding.help} |`;
    }),
  );
  return ["| key | where | what it does |", "|---|---|---|", ...rows].join("\n");
}

const PLACES: Partial<Record<Context, string>> = {
  welcome: "before the first run",
  messages: "messages of a topic",
  diff: "comparisons",
  sources: "sources of an answer",
  confirm: "confirmations",
  "confirm-danger": "deletions, trust",
  quit: "when quitting",
  text: "filters",
  form: "forms",
  prompt: "questions and names",
};

/** Groups of contexts that have a name of their own. */
const NAMED_PLACES: readonly (readonly [readonly Context[], string])[] = [
  [MOVABLE, "lists and details"],
  [TEXTS, "texts"],
  [FORMS, "forms and questions"],
  [CHOOSING, "choices, palette"],
];

/** Where a key works, in words. */
function placeOf(binding: Binding): string {
  if (binding.contexts.includes("panes")) return "everywhere";
  const named = NAMED_PLACES.find(([contexts]) => contexts === binding.contexts);
  if (named !== undefined) return named[1];
  return binding.contexts.map((context) => PLACES[context] ?? context).join(", ");
}

/** The table by place: what works everywhere first, then the order of the table. */
export function bindingsByPlace(
  keymap: readonly Binding[],
): ReadonlyMap<string, readonly Binding[]> {
  const places = new Map<string, Binding[]>([
    ["everywhere", []],
    ["lists and details", []],
  ]);
  for (const binding of keymap.filter(({ action }) => !action.startsWith("edit-"))) {
    const place = placeOf(binding);
    places.set(place, [...(places.get(place) ?? []), binding]);
  }
  return places;
}
