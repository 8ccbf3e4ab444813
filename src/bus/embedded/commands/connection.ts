import { parseInteger, readOptions } from "../arguments.ts";
import type { Call, CommandTable } from "../command.ts";
import { SERVER_VERSION } from "../identity.ts";
import { CommandError, mapOf, OK, type Reply, status, wrongArity } from "../reply.ts";

/** Commands on the connection itself, but for CLIENT. */
export const connectionCommands: CommandTable = {
  ping: { arity: -1, flags: ["fast", "pubsub"], run: ping },
  echo: { arity: 2, flags: ["fast"], run: (_call, [text = ""]) => text },
  hello: { arity: -1, flags: ["noscript", "fast"], run: hello },
  auth: { arity: -2, flags: ["noscript", "fast"], run: auth },
  select: { arity: 2, flags: ["fast"], run: select },
  quit: { arity: -1, flags: ["noscript", "fast", "no_multi"], run: quit },
  reset: { arity: 1, flags: ["noscript", "fast", "no_multi"], run: reset },
};

function ping({ client }: Call, [text, ...more]: readonly string[]): Reply {
  if (more.length > 0) throw wrongArity("ping");
  if (client.isRestricted) return ["pong", text ?? ""];
  return text ?? status("PONG");
}

function hello(call: Call, [version, ...words]: readonly string[]): Reply {
  const { client } = call;
  if (version !== undefined && !/^-?\d+$/.test(version)) {
    throw new CommandError("ERR Protocol version is not an integer or out of range");
  }
  if (version !== undefined && version !== "2" && version !== "3") {
    throw new CommandError("NOPROTO unsupported protocol version");
  }
  let name = client.clientName;
  readHelloOptions(words, (given) => {
    name = given;
  });
  client.clientName = name;
  if (version !== undefined) client.protocol = version === "3" ? 3 : 2;
  return mapOf({
    server: "redis",
    version: SERVER_VERSION,
    proto: client.protocol,
    id: client.id,
    mode: "standalone",
    role: "master",
    modules: [],
  });
}

function readHelloOptions(words: readonly string[], onName: (name: string) => void): void {
  try {
    readOptions(words, 0, {
      auth: (next) => checkUser(next(), next()),
      setname: (next) => onName(validName(next())),
    });
  } catch (error) {
    const isSyntax = error instanceof CommandError && error.message === "ERR syntax error";
    if (!isSyntax) throw error;
    const option = words.find((word) => !/^(?:auth|setname)$/i.test(word)) ?? words[0] ?? "";
    throw new CommandError(`ERR Syntax error in HELLO option '${option}'`, { cause: error });
  }
}

/** A client's name must show as one word in CLIENT LIST. */
export function validName(name: string): string {
  if (/^[!-~]*$/.test(name)) return name;
  throw new CommandError("ERR Client names cannot contain spaces, newlines or special characters.");
}

/** The one user there is has no password: its name is all that counts. */
function checkUser(user: string, _password: string): void {
  if (user === "default") return;
  throw new CommandError("WRONGPASS invalid username-password pair or user is disabled.");
}

function auth(_call: Call, [first = "", password, ...more]: readonly string[]): Reply {
  if (more.length > 0) throw new CommandError("ERR syntax error");
  if (password === undefined) {
    throw new CommandError(
      "ERR AUTH <password> called without any password configured for the default user. " +
        "Are you sure your configuration is correct?",
    );
  }
  checkUser(first, password);
  return OK;
}

function select(_call: Call, [index = ""]: readonly string[]): Reply {
  if (parseInteger(index) !== 0) throw new CommandError("ERR DB index is out of range");
  return OK;
}

function quit({ client }: Call): Reply {
  client.closing = true;
  return OK;
}

function reset({ client, broker, keyspace }: Call): Reply {
  client.transaction = undefined;
  keyspace.unwatch(client.watch);
  client.watch.dirty = false;
  broker.subscriptions.unsubscribeAll(client);
  client.protocol = 2;
  client.clientName = "";
  client.replyMode = "on";
  return status("RESET");
}
