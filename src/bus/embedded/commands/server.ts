import { type Call, type Command, type CommandTable, container, suitsArity } from "../command.ts";
import { matchesGlob } from "../glob.ts";
import { SERVER_NAME, SERVER_VERSION } from "../identity.ts";
import { CommandError, map, mapOf, NIL_ARRAY, OK, type Reply, status } from "../reply.ts";

/** Commands on the server. */
export const serverCommands: CommandTable = {
  command: { arity: -1, flags: [], run: command },
  config: {
    arity: -2,
    flags: ["admin", "noscript"],
    run: container("config", {
      get: { arity: -3, usage: "<pattern> [<pattern> ...]", run: configGet },
      set: { arity: -4, usage: "<directive> <value> [...]", run: configSet },
      resetstat: { arity: 2, usage: "", run: () => OK },
      rewrite: {
        arity: 2,
        usage: "",
        run: refuse("ERR The server is running without a config file"),
      },
    }),
  },
  info: { arity: -1, flags: [], run: info },
  time: {
    arity: 1,
    flags: ["fast"],
    run({ keyspace }) {
      const seconds = Math.floor(keyspace.now / 1000);
      return [String(seconds), String(Math.floor(keyspace.now - seconds * 1000) * 1000)];
    },
  },
  lolwut: { arity: -1, flags: ["readonly"], run: () => `${SERVER_NAME} ${SERVER_VERSION}\n` },
  monitor: {
    arity: 1,
    flags: ["admin", "noscript"],
    run: refuse("ERR this broker has no MONITOR"),
  },
  save: { arity: 1, flags: ["admin", "noscript"], run: refuse("ERR this broker has no snapshots") },
  bgsave: {
    arity: -1,
    flags: ["admin", "noscript"],
    run: refuse("ERR this broker has no snapshots"),
  },
  bgrewriteaof: {
    arity: 1,
    flags: ["admin", "noscript"],
    run: refuse("ERR this broker rewrites its log by itself"),
  },
  shutdown: {
    arity: -1,
    flags: ["admin", "noscript"],
    run: refuse("ERR this broker ends by itself when nobody is connected"),
  },
};

function refuse(message: string) {
  return (): Reply => {
    throw new CommandError(message);
  };
}

/** The settings clients ask for, with what they may be told; CONFIG SET changes these only. */
export function initialSettings(socketPath: string): Map<string, string> {
  return new Map([
    ["appendonly", "no"],
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
    ["timeout", "0"],
    ["unixsocket", socketPath],
  ]);
}

function configGet({ broker }: Call, patterns: readonly string[]): Reply {
  return map(
    [...broker.settings].filter(([name]) =>
      patterns.some((pattern) => matchesGlob(pattern.toLowerCase(), name)),
    ),
  );
}

const CHANGEABLE = new Set([
  "maxmemory-policy",
  "notify-keyspace-events",
  "save",
  "timeout",
  "slowlog-log-slower-than",
]);

function configSet({ broker }: Call, words: readonly string[]): Reply {
  for (let index = 0; index < words.length; index += 2) {
    const name = words[index] ?? "";
    const lower = name.toLowerCase();
    if (!broker.settings.has(lower) || index + 1 >= words.length) {
      throw new CommandError(
        `ERR Unknown option or number of arguments for CONFIG SET - '${name}'`,
      );
    }
    if (!CHANGEABLE.has(lower)) {
      throw new CommandError(
        `ERR CONFIG SET failed (possibly related to argument '${name}') - ` +
          "can't set immutable config",
      );
    }
  }
  for (let index = 0; index < words.length; index += 2) {
    broker.settings.set((words[index] ?? "").toLowerCase(), words[index + 1] ?? "");
  }
  return OK;
}

type InfoLines = Readonly<Record<string, string | number>>;

function infoSections({ broker, keyspace }: Call): Readonly<Record<string, InfoLines>> {
  const memory = process.memoryUsage();
  const uptime = Math.max(Math.floor((broker.clock.now() - broker.startedAt) / 1000), 0);
  const clients = [...broker.clients.values()];
  return {
    Server: {
      redis_version: SERVER_VERSION,
      server_name: SERVER_NAME,
      redis_mode: "standalone",
      os: process.platform,
      arch_bits: 64,
      process_id: process.pid,
      tcp_port: 0,
      uptime_in_seconds: uptime,
      uptime_in_days: Math.floor(uptime / 86_400),
    },
    Clients: {
      connected_clients: clients.length,
      maxclients: 10_000,
      blocked_clients: clients.filter(({ blocked }) => blocked !== undefined).length,
    },
    Memory: {
      used_memory: memory.heapUsed + memory.external,
      used_memory_rss: memory.rss,
      maxmemory: 0,
      maxmemory_policy: broker.settings.get("maxmemory-policy") ?? "noeviction",
    },
    Persistence: { loading: 0, aof_enabled: broker.settings.get("appendonly") === "yes" ? 1 : 0 },
    Stats: {
      total_connections_received: broker.counters.connections,
      total_commands_processed: broker.counters.commands,
      pubsub_channels: broker.subscriptions.activeChannels().length,
      pubsub_patterns: broker.subscriptions.patternCount,
    },
    Replication: { role: "master", connected_slaves: 0 },
    Cluster: { cluster_enabled: 0 },
    Keyspace:
      keyspace.size === 0 ? {} : { db0: `keys=${keyspace.size},expires=${keyspace.expiring}` },
  };
}

function info(call: Call, names: readonly string[]): Reply {
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  const all = ["all", "default", "everything"].some((name) => wanted.has(name));
  const text = Object.entries(infoSections(call))
    .filter(([name]) => wanted.size === 0 || all || wanted.has(name.toLowerCase()))
    .map(([name, lines]) => {
      const body = Object.entries(lines).map(([field, value]) => `${field}:${value}\r\n`);
      return `# ${name}\r\n${body.join("")}`;
    })
    .join("\r\n");
  return { type: "verbatim", text };
}

function command(call: Call, args: readonly string[]): Reply {
  const { commands } = call.broker;
  if (args.length === 0) {
    return [...commands].map(([name, entry]) => commandInfo(name, entry));
  }
  return commandParts(call, args);
}

const commandParts = container("command", {
  count: { arity: 2, usage: "", run: ({ broker }) => broker.commands.size },
  docs: {
    arity: -2,
    usage: "[<command-name> ...]",
    run: ({ broker }, names) =>
      map(
        [...broker.commands]
          .filter(
            ([name]) => names.length === 0 || names.some((word) => word.toLowerCase() === name),
          )
          .map(([name]) => [
            name,
            mapOf({ summary: `As in Redis ${SERVER_VERSION}.`, group: "generic" }),
          ]),
      ),
  },
  info: {
    arity: -2,
    usage: "[<command-name> ...]",
    run: ({ broker }, names) =>
      (names.length === 0 ? [...broker.commands.keys()] : names).map((word) => {
        const entry = broker.commands.get(word.toLowerCase());
        return entry === undefined ? NIL_ARRAY : commandInfo(word.toLowerCase(), entry);
      }),
  },
  list: { arity: -2, usage: "", run: ({ broker }) => [...broker.commands.keys()] },
  getkeys: { arity: -3, usage: "<full-command>", run: commandKeys },
});

function commandInfo(name: string, { arity, flags, keys = [0, 0, 0] }: Command): Reply {
  const flagSet: Reply = { type: "set", members: flags.map(status) };
  return [name, arity, flagSet, ...keys, { type: "set", members: [] }, [], [], []];
}

function commandKeys({ broker }: Call, words: readonly string[]): Reply {
  const entry = broker.commands.get((words[0] ?? "").toLowerCase());
  if (entry === undefined) throw new CommandError("ERR Invalid command specified");
  if (!suitsArity(entry.arity, words.length)) {
    throw new CommandError("ERR Invalid number of arguments specified for command");
  }
  const [first, last, step] = entry.keys ?? [0, 0, 0];
  if (first === 0) throw new CommandError("ERR The command has no key arguments");
  const end = last < 0 ? words.length + last : last;
  return words.filter((_, index) => index >= first && index <= end && (index - first) % step === 0);
}
