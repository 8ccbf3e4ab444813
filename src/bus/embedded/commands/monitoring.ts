import { type Call, type CommandTable, container } from "../command.ts";
import { OK, type Reply, status } from "../reply.ts";

/** What a person looks for who comes with redis-cli. */
export const monitoringCommands: CommandTable = {
  monitor: { arity: 1, flags: ["admin", "noscript"], run: monitor },
  role: { arity: 1, flags: ["noscript", "fast"], run: () => ["master", 0, []] },
  slowlog: {
    arity: -2,
    flags: ["admin"],
    // Nothing is slow enough here to be noted: a command of 10 ms would be a bug.
    run: container("slowlog", {
      get: { arity: -2, usage: "[<count>]", run: () => [] },
      len: { arity: 2, usage: "", run: () => 0 },
      reset: { arity: 2, usage: "", run: () => OK },
    }),
  },
};

function monitor({ broker, client }: Call): Reply {
  broker.monitors.add(client);
  return OK;
}

/** Shows a command to those who watch, as Redis prints it; administrators' commands are not. */
export function showToMonitors(
  { broker, client, keyspace }: Pick<Call, "broker" | "client" | "keyspace">,
  words: readonly string[],
): void {
  const time = (keyspace.now / 1000).toFixed(6);
  const from = `unix:${broker.settings.get("unixsocket") ?? ""}`;
  const line = status(`${time} [0 ${from}] ${words.map(quote).join(" ")}`);
  for (const watcher of broker.monitors) {
    if (watcher.closed) broker.monitors.delete(watcher);
    else if (watcher !== client) watcher.send(line);
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  '"': '\\"',
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\x07": "\\a",
  "\b": "\\b",
};

function quote(word: string): string {
  const escaped = word.replace(
    /[^ !#-[\]-~]/g,
    (byte) => ESCAPES[byte] ?? `\\x${byte.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
  return `"${escaped}"`;
}
