import type { Client } from "../client.ts";
import type { Call, CommandTable } from "../command.ts";
import type { Keyspace } from "../keyspace.ts";
import { CommandError, NIL_ARRAY, OK, type Reply } from "../reply.ts";

/** MULTI, EXEC and optimistic locks. A command of a transaction that fails stops none after it. */
export const transactionCommands: CommandTable = {
  multi: { arity: 1, flags: ["noscript", "fast"], run: multi },
  exec: { arity: 1, flags: ["noscript"], run: exec },
  discard: { arity: 1, flags: ["noscript", "fast"], run: discard },
  watch: { arity: -2, flags: ["noscript", "fast"], keys: [1, -1, 1], run: watch },
  unwatch: {
    arity: 1,
    flags: ["noscript", "fast"],
    run(call) {
      endWatch(call);
      return OK;
    },
  },
};

function multi({ client }: Call): Reply {
  if (client.transaction !== undefined) throw new CommandError("ERR MULTI calls can not be nested");
  client.transaction = { queued: [], failed: false };
  return OK;
}

function endWatch({ client, keyspace }: Pick<Call, "client" | "keyspace">): boolean {
  const dirty = keyspace.unwatch(client.watch);
  client.watch.dirty = false;
  return dirty;
}

function discard({ client, keyspace }: Call): Reply {
  if (client.transaction === undefined) throw new CommandError("ERR DISCARD without MULTI");
  abandonTransaction(client, keyspace);
  return OK;
}

/** Ends a transaction and its watch without running it. */
export function abandonTransaction(client: Client, keyspace: Keyspace): void {
  client.transaction = undefined;
  endWatch({ client, keyspace });
}

function watch({ client, keyspace }: Call, keys: readonly string[]): Reply {
  if (client.transaction !== undefined) {
    throw new CommandError("ERR WATCH inside MULTI is not allowed");
  }
  for (const key of keys) keyspace.watch(client.watch, key);
  return OK;
}

function exec(call: Call): Reply {
  const { transaction } = call.client;
  if (transaction === undefined) throw new CommandError("ERR EXEC without MULTI");
  call.client.transaction = undefined;
  const dirty = endWatch(call);
  if (transaction.failed) {
    throw new CommandError("EXECABORT Transaction discarded because of previous errors.");
  }
  if (dirty) return NIL_ARRAY;
  const inner = { ...call, mayBlock: false };
  return transaction.queued.map((words) => runQueued(inner, words));
}

function runQueued(call: Call, words: readonly string[]): Reply {
  try {
    // HELLO may have changed the protocol half-way.
    return call.broker.invoke({ ...call, protocol: call.client.protocol }, words);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return { type: "error", message: error.message };
  }
}
