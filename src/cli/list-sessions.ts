/** `sessions`: the saved sessions. */
import { escapeText } from "../ui/escape-text.ts";
import type { Config } from "./config.ts";
import type { OutputForm } from "./flag.ts";
import { openToldStore } from "./open-console.ts";
import type { Output } from "./output.ts";

/** Prints the sessions of the local store, the last one first. */
export function listSessions(config: Config, form: OutputForm, output: Output): void {
  const store = openToldStore(config, output);
  const sessions = store.listSessions();
  store.close();
  if (form !== "text") {
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
