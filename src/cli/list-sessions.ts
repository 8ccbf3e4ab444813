/** `sessions`: the saved sessions. */
import { OperatorError } from "../base/operator-error.ts";
import type { SessionStore } from "../session/store.ts";
import { escapeText } from "../ui/escape-text.ts";
import { withStore } from "./change-sessions.ts";
import type { CommonFlags } from "./flag.ts";
import { openToldStore } from "./open-console.ts";
import type { Surroundings } from "./verb.ts";

type Scope = Surroundings & { readonly flags: Pick<CommonFlags, "output"> };

/**
 * Prints the sessions of the local store, the last one first; with the address of a Redis those that
 * other machines have shared there too. Without that Redis they are the local ones, and it is said.
 */
export async function listSessions(scope: Scope): Promise<void> {
  const { config, output } = scope;
  try {
    await withStore(scope, async ({ store }) => print(store, scope));
  } catch (cause) {
    if (!(cause instanceof OperatorError) || cause.code !== "bus-unreachable") throw cause;
    output.err(
      escapeText(`aimie-console: ${cause.message}; these are the sessions of this machine`),
    );
    const store = openToldStore(config, output);
    print(store, scope);
    store.close();
  }
}

function print(store: SessionStore, { flags, output }: Scope): void {
  const sessions = store.listSessions();
  if (flags.output !== "text") {
    output.out(JSON.stringify(sessions));
    return;
  }
  if (sessions.length === 0) output.out("no sessions yet; aimie-console run starts one");
  for (const { sessionId, name, runCount, changedAt } of sessions) {
    const changed = new Date(changedAt).toISOString().slice(0, 19).replace("T", " ");
    const runs = String(runCount).padStart(4);
    output.out(`${sessionId}  ${changed}  ${runs} runs  ${escapeText(name)}`);
  }
}
