import {
  type Call,
  type Command,
  type CommandTable,
  container,
  keyWords,
  suitsArity,
} from "../command.ts";
import { SERVER_NAME, SERVER_VERSION } from "../identity.ts";
import { CommandError, map, mapOf, NIL_ARRAY, OK, type Reply, status } from "../reply.ts";

/** Commands on the server. */
export const serverCommands: CommandTable = {
  command: { arity: -1, flags: [], run: command },
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
  save: { arity: 1, flags: ["admin", "noscript"], run: refuse("ERR this broker has no snapshots") },
  bgsave: {
    arity: -1,
    flags: ["admin", "noscript"],
    run: refuse("ERR this broker has no snapshots"),
  },
  bgrewriteaof: {
    arity: 1,
    flags: ["admin", "noscript"],
    run({ broker }) {
      if (broker.log === undefined) throw new CommandError("ERR this broker keeps no log");
      if (broker.log.startRewrite()) return status("Background append only file rewriting started");
      throw new CommandError("ERR Background append only file rewriting already in progress");
    },
  },
  debug: {
    arity: -2,
    flags: ["admin", "noscript"],
    run: container("debug", { loadaof: { arity: 2, usage: "", run: reloadLog } }),
  },
  shutdown: {
    arity: -1,
    flags: ["admin", "noscript"],
    run: refuse("ERR this broker ends by itself when nobody is connected"),
  },
};

/** Proves the log: everything is forgotten and comes back from the file. */
function reloadLog({ broker }: Call): Reply {
  if (broker.log === undefined) throw new CommandError("ERR this broker keeps no log");
  broker.log.reload();
  return OK;
}

function refuse(message: string) {
  return (): Reply => {
    throw new CommandError(message);
  };
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
    Persistence: broker.log?.info() ?? { loading: 0, aof_enabled: 0 },
    Stats: {
      total_connections_received: broker.counters.connections,
      total_commands_processed: broker.counters.commands,
      total_error_replies: broker.counters.errors,
      client_output_buffer_limit_disconnections: broker.limits.cut,
      pubsub_channels: broker.subscriptions.activeChannels().length,
      pubsub_patterns: broker.subscriptions.patternCount,
    },
    Replication: { role: "master", connected_slaves: 0 },
    Errorstats: broker.counters.errorLines(),
    Cluster: { cluster_enabled: 0 },
    Keyspace:
      keyspace.size === 0 ? {} : { db0: `keys=${keyspace.size},expires=${keyspace.expiring}` },
  };
}

function info(call: Call, names: readonly string[]): Reply {
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  const isDefault = wanted.size === 0 || wanted.has("default");
  const all = ["all", "everything"].some((name) => wanted.has(name));
  const extra = { Commandstats: call.broker.counters.commandLines() };
  const text = Object.entries({ ...infoSections(call), ...extra })
    .filter(
      ([name]) =>
        all || wanted.has(name.toLowerCase()) || (isDefault && !Object.hasOwn(extra, name)),
    )
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
  if (entry.keys === undefined) throw new CommandError("ERR The command has no key arguments");
  return keyWords(entry, words);
}
