/** The command palette: everything that can be done or gone to, found by a few letters. */
import UFuzzy from "@leeoniya/ufuzzy";
import type { ConsoleState } from "../console/console-state.ts";
import type { Binding } from "./keymap/binding.ts";
import { bindingFor, contextsOf, keyLabel } from "./keymap.ts";
import { startableFlows } from "./model/run-form.ts";
import type { PaletteItem, Screen } from "./model/screen.ts";
import { textOf } from "./model/text-field.ts";

const fuzzy = new UFuzzy({ intraMode: 1 });

/** Everything the palette offers now; the usual things first. */
function paletteItems(
  screen: Screen,
  state: ConsoleState,
  keymap: readonly Binding[],
): readonly PaletteItem[] {
  return [
    ...commandItems({ ...screen, dialog: null }, state, keymap),
    ...startableFlows(state).map(
      ({ flow }, index): PaletteItem => ({
        label: `start ${flow.name}`,
        detail: flow.description,
        reason: null,
        goal: { kind: "form", flowIndex: index },
      }),
    ),
    ...state.runs.map(
      (run): PaletteItem => ({
        label: `run ${run.runId} ${run.state.origin.flow.name}`,
        detail: run.state.status,
        reason: null,
        goal: { kind: "run", runId: run.runId },
      }),
    ),
    ...state.sessions.map(
      (session): PaletteItem => ({
        label: `session ${session.name}`,
        detail: `${session.runCount} runs`,
        reason: null,
        goal: { kind: "session", sessionId: session.sessionId },
      }),
    ),
  ];
}

/** What the open palette offers for what was typed; nothing while it is closed. */
export function paletteNow(
  screen: Screen,
  state: ConsoleState,
  keymap: readonly Binding[],
): readonly PaletteItem[] {
  const { dialog } = screen;
  if (dialog?.kind !== "palette") return [];
  return matchingItems(paletteItems(screen, state, keymap), textOf(dialog.field));
}

/** What has a key now, apart from moving about. */
function commandItems(
  screen: Screen,
  state: ConsoleState,
  keymap: readonly Binding[],
): readonly PaletteItem[] {
  const contexts = contextsOf(screen, state.runs.length > 0);
  return keymap.flatMap((binding): readonly PaletteItem[] => {
    const [key = ""] = binding.keys;
    const isHere = bindingFor(keymap, contexts, key) === binding;
    const isMove = binding.label === binding.action || MOVES.has(binding.action);
    if (!isHere || isMove || binding.action === "open-palette") return [];
    const item: PaletteItem = {
      label: binding.action.replaceAll("-", " "),
      detail: binding.help,
      key: keyLabel(key),
      reason: binding.disabledReason?.(screen, { state }) ?? null,
      goal: { kind: "action", action: binding.action },
    };
    return [item];
  });
}

const MOVES: ReadonlySet<string> = new Set(["left", "right", "page-up", "page-down", "top", "end"]);

/** The items that a text means, the best first; all of them when there is no text. */
function matchingItems(items: readonly PaletteItem[], text: string): readonly PaletteItem[] {
  if (text.trim() === "") return items;
  const haystack = items.map(({ label, detail }) => `${label} ${detail}`);
  const [found, , order] = fuzzy.search(haystack, text, 1);
  if (found === null) return [];
  const places = order === null ? found : order.map((at) => found[at] ?? 0);
  return places.flatMap((at) => items[at] ?? []);
}
