import type { Broker, Call, CommandTable } from "../command.ts";
import { container } from "../command.ts";
import { matchesGlob } from "../glob.ts";
import { CommandError, map, OK, type Reply } from "../reply.ts";

/** CONFIG. */
export const configurationCommands: CommandTable = {
  config: {
    arity: -2,
    flags: ["admin", "noscript"],
    run: container("config", {
      get: { arity: -3, usage: "<pattern> [<pattern> ...]", run: configGet },
      set: { arity: -4, usage: "<directive> <value> [...]", run: configSet },
      resetstat: { arity: 2, usage: "", run: resetStatistics },
      rewrite: {
        arity: 2,
        usage: "",
        run: () => {
          throw new CommandError("ERR The server is running without a config file");
        },
      },
    }),
  },
};

/** The settings that are mere words here; CONFIG SET changes those in `CHANGEABLE`. */
export function initialSettings(socketPath: string): Map<string, string> {
  return new Map([
    ["aof-use-rdb-preamble", "no"],
    ["bind", ""],
    ["databases", "1"],
    ["maxclients", "10000"],
    ["maxmemory", "0"],
    ["maxmemory-policy", "noeviction"],
    ["notify-keyspace-events", ""],
    ["port", "0"],
    ["proto-max-bulk-len", "4194304"],
    ["save", ""],
    ["slowlog-log-slower-than", "10000"],
    ["stream-node-max-bytes", "4096"],
    ["stream-node-max-entries", "100"],
    ["timeout", "0"],
    ["unixsocket", socketPath],
  ]);
}

const CHANGEABLE = new Set([
  "aof-use-rdb-preamble",
  "maxmemory-policy",
  "save",
  "slowlog-log-slower-than",
  "stream-node-max-bytes",
  "stream-node-max-entries",
  "timeout",
]);

interface LiveSetting {
  readonly read: (broker: Broker) => string;
  readonly write?: (broker: Broker, value: string) => void;
}

/** The settings that stand for something in the broker. */
const LIVE: Readonly<Record<string, LiveSetting>> = {
  appendfsync: {
    read: ({ log }) => log?.policy ?? "everysec",
    write({ log }, value) {
      if (value !== "everysec" && value !== "always") throw immutable("appendfsync");
      if (log !== undefined) log.policy = value;
    },
  },
  appendonly: {
    read: appendOnly,
    write(broker, value) {
      if (value !== appendOnly(broker)) throw immutable("appendonly");
    },
  },
  "client-output-buffer-limit": {
    read: ({ limits }) => limits.toString(),
    write: ({ limits }, value) => limits.set(value),
  },
};

function appendOnly({ log }: Broker): string {
  return log === undefined ? "no" : "yes";
}

function configGet({ broker }: Call, patterns: readonly string[]): Reply {
  const live = Object.entries(LIVE).map(([name, { read }]): [string, string] => [
    name,
    read(broker),
  ]);
  const wanted = patterns.map((pattern) => pattern.toLowerCase());
  return map(
    [...live, ...broker.settings]
      .filter(([name]) => wanted.some((pattern) => matchesGlob(pattern, name)))
      .sort(([left], [right]) => (left < right ? -1 : 1)),
  );
}

function configSet({ broker }: Call, words: readonly string[]): Reply {
  const changes: (() => void)[] = [];
  for (let index = 0; index < words.length; index += 2) {
    const name = words[index] ?? "";
    changes.push(settingChange(broker, name, words[index + 1]));
  }
  for (const change of changes) change();
  return OK;
}

function settingChange(broker: Broker, name: string, value: string | undefined): () => void {
  const lower = name.toLowerCase();
  const live = Object.hasOwn(LIVE, lower) ? LIVE[lower] : undefined;
  if ((live === undefined && !broker.settings.has(lower)) || value === undefined) {
    throw new CommandError(`ERR Unknown option or number of arguments for CONFIG SET - '${name}'`);
  }
  if (live !== undefined) {
    const { write } = live;
    if (write === undefined) throw immutable(name);
    return () => write(broker, value);
  }
  if (!CHANGEABLE.has(lower)) throw immutable(name);
  return () => broker.settings.set(lower, value);
}

function immutable(name: string): CommandError {
  return new CommandError(
    `ERR CONFIG SET failed (possibly related to argument '${name}') - can't set immutable config`,
  );
}

function resetStatistics({ broker }: Call): Reply {
  broker.counters.reset();
  broker.limits.cut = 0;
  return OK;
}
