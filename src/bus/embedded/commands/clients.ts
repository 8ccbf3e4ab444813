import { parseInteger, readOptions } from "../arguments.ts";
import type { Client } from "../client.ts";
import { type Call, type CommandTable, container } from "../command.ts";
import { CommandError, NO_REPLY, OK, type Reply, syntaxError } from "../reply.ts";
import { validName } from "./connection.ts";

/** CLIENT. */
export const clientCommands: CommandTable = {
  client: {
    arity: -2,
    flags: ["noscript"],
    run: container("client", {
      setname: {
        arity: 3,
        usage: "<name>",
        run({ client }, [name = ""]) {
          client.clientName = validName(name);
          return OK;
        },
      },
      getname: { arity: 2, usage: "", run: ({ client }) => client.clientName || null },
      id: { arity: 2, usage: "", run: ({ client }) => client.id },
      info: {
        arity: 2,
        usage: "",
        run: (call) => ({ type: "verbatim", text: `${describe(call, call.client)}\n` }),
      },
      list: { arity: -2, usage: "[TYPE <type>|ID <id> ...]", run: list },
      kill: { arity: -3, usage: "<ip:port>|ID <id>|SKIPME <yes|no>", run: kill },
      setinfo: { arity: 4, usage: "<attribute> <value>", run: () => OK },
      "no-evict": { arity: 3, usage: "ON|OFF", run: () => OK },
      reply: { arity: 3, usage: "ON|OFF|SKIP", run: setReplyMode },
      unblock: { arity: -3, usage: "<clientid> [TIMEOUT|ERROR]", run: unblock },
    }),
  },
};

function describe(call: Call, client: Client): string {
  const { broker } = call;
  const now = broker.clock.now();
  const seconds = (since: number) => Math.max(Math.floor((now - since) / 1000), 0);
  const socket = broker.settings.get("unixsocket") ?? "";
  return Object.entries({
    id: client.id,
    addr: `${socket}:0`,
    laddr: `${socket}:0`,
    fd: client.id,
    name: client.clientName,
    age: seconds(client.connectedAt),
    idle: seconds(client.lastActiveAt),
    flags: flagsOf(call, client),
    db: 0,
    sub: client.channels.size,
    psub: client.patterns.size,
    multi: client.transaction?.queued.length ?? -1,
    omem: client.outputBytes,
    events: "r",
    cmd: client.lastCommand,
    user: "default",
    resp: client.protocol,
  })
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
}

function flagsOf(call: Call, client: Client): string {
  const flags = [
    call.broker.monitors.has(client) ? "O" : "",
    client.subscriptionCount > 0 ? "P" : "",
    client.transaction === undefined ? "" : "x",
    client.blocked === undefined ? "" : "b",
  ].join("");
  return `${flags}U`;
}

function list(call: Call, words: readonly string[]): Reply {
  const [kind = "", ...rest] = words;
  let clients = [...call.broker.clients.values()];
  if (kind.toUpperCase() === "ID" && rest.length > 0) {
    const ids = new Set(rest.map(parseInteger));
    clients = clients.filter(({ id }) => ids.has(id));
  } else if (kind.toUpperCase() === "TYPE" && rest.length === 1) {
    clients = clients.filter(ofType(rest[0] ?? ""));
  } else if (kind !== "") throw syntaxError();
  return {
    type: "verbatim",
    text: clients.map((client) => `${describe(call, client)}\n`).join(""),
  };
}

function ofType(type: string): (client: Client) => boolean {
  switch (type.toLowerCase()) {
    case "normal":
      return (client) => client.subscriptionCount === 0;
    case "pubsub":
      return (client) => client.subscriptionCount > 0;
    case "master":
    case "replica":
    case "slave":
      return () => false;
    default:
      throw new CommandError(`ERR Unknown client type '${type}'`);
  }
}

function kill(call: Call, words: readonly string[]): Reply {
  let skipMe = true;
  const filters: ((client: Client) => boolean)[] = [];
  if (words.length === 1) throw new CommandError("ERR No such client");
  readOptions(words, 0, {
    id: (next) => {
      const id = parseInteger(next());
      filters.push((client) => client.id === id);
    },
    type: (next) => filters.push(ofType(next())),
    addr: (next) => filters.push(atAddress(call, next())),
    laddr: (next) => filters.push(atAddress(call, next())),
    user: (next) => {
      const user = next();
      filters.push(() => user === "default");
    },
    skipme: (next) => {
      skipMe = next().toLowerCase() !== "no";
    },
  });
  const victims = [...call.broker.clients.values()].filter(
    (client) => filters.every((filter) => filter(client)) && !(skipMe && client === call.client),
  );
  for (const victim of victims) {
    // A client that ends itself still hears the answer.
    if (victim === call.client) victim.closing = true;
    else victim.close();
  }
  return victims.length;
}

/** On a unix socket all clients have the same address. */
function atAddress({ broker }: Call, address: string): () => boolean {
  const isOurs = address === `${broker.settings.get("unixsocket") ?? ""}:0`;
  return () => isOurs;
}

function setReplyMode({ client }: Call, [mode = ""]: readonly string[]): Reply {
  switch (mode.toLowerCase()) {
    case "on":
      client.replyMode = "on";
      return OK;
    case "off":
      client.replyMode = "off";
      return NO_REPLY;
    case "skip":
      if (client.replyMode === "on") client.replyMode = "skip-next";
      return NO_REPLY;
    default:
      throw syntaxError();
  }
}

function unblock({ broker }: Call, [id = "", how = "TIMEOUT", ...more]: readonly string[]): Reply {
  const mode = how.toUpperCase();
  if (more.length > 0 || (mode !== "TIMEOUT" && mode !== "ERROR")) {
    throw new CommandError("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
  }
  const client = broker.clients.get(parseInteger(id));
  if (client?.blocked === undefined) return 0;
  const error: Reply = {
    type: "error",
    message: "UNBLOCKED client unblocked via CLIENT UNBLOCK",
  };
  broker.blocked.release(client, mode === "ERROR" ? error : client.blocked.onTimeout);
  return 1;
}
