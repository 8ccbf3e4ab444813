/** An operator's own keys instead of the built-in ones, and keymaps that change nothing. Pure. */
import type { Binding } from "./binding.ts";

/** What is wrong with an operator's keys: one sentence. */
export type OwnKeysProblem = string;

const KEY_NAME =
  /^(?:(?:ctrl-|alt-|shift-)*(?:.|up|down|left|right|home|end|pageup|pagedown|insert|delete|tab|enter|escape|backspace|f[1-9]|f1[0-2])|shift-tab)$/u;

/** The keymap with other keys for some actions; or every problem of the wish. */
export function withOwnKeys(
  keymap: readonly Binding[],
  own: Readonly<Record<string, readonly string[]>>,
):
  | { readonly ok: true; readonly value: readonly Binding[] }
  | { readonly ok: false; readonly error: readonly OwnKeysProblem[] } {
  const known = new Set<string>(keymap.map(({ action }) => action));
  const unknown = Object.keys(own)
    .filter((action) => !known.has(action))
    .map((action) => `keys.${action}: there is no such action`);
  const unnamed = Object.entries(own).flatMap(([action, keys]) =>
    keys
      .filter((key) => !KEY_NAME.test(key))
      .map((key) => `keys.${action}: "${key}" is no key; write x, X, ctrl-x, f5, pageup …`),
  );
  const value = keymap.map((binding) => {
    const keys = Object.hasOwn(own, binding.action) ? own[binding.action] : undefined;
    return keys === undefined ? binding : { ...binding, keys };
  });
  const problems = [...unknown, ...unnamed, ...conflictsIn(value), ...withoutKeys(value)];
  return problems.length === 0 ? { ok: true, value } : { ok: false, error: problems };
}

/** Keys that would mean two things in one place. */
function conflictsIn(keymap: readonly Binding[]): readonly string[] {
  const meaning = new Map<string, string>();
  const problems = new Set<string>();
  for (const { action, keys, contexts } of keymap) {
    for (const place of contexts.flatMap((context) => keys.map((key) => `${context} ${key}`))) {
      const other = meaning.get(place);
      const key = place.slice(place.indexOf(" ") + 1);
      if (other !== undefined && other !== action) {
        problems.add(`keys.${action}: "${key}" already means ${other}`);
      }
      meaning.set(place, action);
    }
  }
  return [...problems];
}

/** What one must always be able to do with a key. */
const NEEDED: ReadonlySet<string> = new Set(["quit", "show-help", "dismiss", "back", "submit"]);

function withoutKeys(keymap: readonly Binding[]): readonly string[] {
  return keymap.flatMap(({ action, keys }) =>
    keys.length === 0 && NEEDED.has(action) ? [`keys.${action}: must keep a key`] : [],
  );
}

/** The keymap in which nothing that changes something can be done; each such key says why. */
export function readOnlyKeys(keymap: readonly Binding[]): readonly Binding[] {
  const reason = () => "this console only looks: start it without --readonly to change things";
  return keymap.map((binding) =>
    binding.changes === true ? { ...binding, disabledReason: reason } : binding,
  );
}
