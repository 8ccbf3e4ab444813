import type { BlockedRead, Client } from "./client.ts";
import { type Broker, type Call, type Command, suitsArity } from "./command.ts";
import { showToMonitors } from "./commands/monitoring.ts";
import { abandonTransaction } from "./commands/transactions.ts";
import { CommandError, type Reply, status, wrongArity } from "./reply.ts";

/**
 * What changed the keyspace, in the order it ran: of one command, or of all those of a transaction
 * or a script. Played again at any later time, the commands make the same change: ids and times in
 * them are those that were given.
 */
export type WriteUnit = readonly (readonly string[])[];

/** What the executor tells and asks its owner. */
export interface ExecutorHooks {
  /** Called once after each unit that changed something, with the client whose command it was. */
  readonly onWrite: (unit: WriteUnit, client: Client | undefined) => void;
  /** Why no command may write now, as an error reply; undefined when they may. */
  readonly writeRefusal: () => string | undefined;
  /** A bug of ours; the client is told of an internal error and the broker goes on. */
  readonly onBug: (error: unknown) => void;
}

/** Commands a client in a transaction runs at once; the others are queued. */
const NOT_QUEUED = new Set(["exec", "discard", "multi", "watch", "quit", "reset"]);
/** Commands a RESP2 subscriber is left with. */
const FOR_SUBSCRIBERS = new Set([
  "subscribe",
  "psubscribe",
  "unsubscribe",
  "punsubscribe",
  "ping",
  "quit",
  "reset",
]);

/**
 * Runs commands.
 *
 * Invariants:
 * 1. A unit (command, transaction, script, served read) runs from begin to end with nothing in
 *    between, at one `keyspace.now`.
 * 2. A command is logged when it changed the keyspace: as what it recorded for itself, or by the
 *    commands it ran, else in its own words. A key whose time had come is logged as DEL.
 * 3. After each unit the log hears of it, then the readers it woke are served, each as a unit.
 */
export class Executor {
  private readonly broker: Broker;
  private readonly hooks: ExecutorHooks;
  private written: (readonly string[])[] = [];
  /** How many commands were recorded so far, but for those of expired keys. */
  private recorded = 0;

  constructor(broker: Omit<Broker, "invoke" | "record">, hooks: ExecutorHooks) {
    this.broker = {
      ...broker,
      invoke: (call, words) => this.invoke(call, words),
      record: (...words) => this.record(words),
    };
    this.hooks = hooks;
    broker.keyspace.onExpired = (key) => {
      this.written.push(["DEL", key]);
    };
  }

  /** Plays a command of a log: nothing is logged and nobody hears of it. Throws CommandError. */
  replay(client: Client, words: readonly string[]): void {
    try {
      this.run(this.lookUp(words), { ...this.callOf(client), mayBlock: false }, words);
    } finally {
      this.written = [];
      this.broker.keyspace.touched.clear();
    }
  }

  /** Runs a command of a client and sends the reply. */
  execute(client: Client, words: readonly string[]): void {
    const { broker } = this;
    broker.counters.commands += 1;
    broker.keyspace.now = broker.clock.now();
    client.lastActiveAt = broker.keyspace.now;
    client.reply(this.answer(client, words));
    this.endUnit(client);
  }

  /** Removes some of the keys that are past their time. */
  expire(limit: number): void {
    this.broker.keyspace.now = this.broker.clock.now();
    this.broker.keyspace.expireSome(limit);
    this.endUnit(undefined);
  }

  private answer(client: Client, words: readonly string[]): Reply {
    const { broker } = this;
    let command: Command;
    try {
      command = this.admit(client, words);
    } catch (error) {
      return this.errorReply(error, this.knownName(words), "rejected");
    }
    try {
      const { transaction } = client;
      if (transaction !== undefined && !NOT_QUEUED.has(nameOf(words))) {
        transaction.queued.push(words);
        return status("QUEUED");
      }
      client.lastCommand = nameOf(words);
      if (broker.monitors.size > 0 && !command.flags.includes("admin")) {
        showToMonitors(this.callOf(client), words);
      }
      broker.counters.countCall(client.lastCommand);
      return this.run(command, this.callOf(client), words);
    } catch (error) {
      return this.errorReply(error, nameOf(words), "failed");
    }
  }

  /** The name for the statistics, which foreign names must not fill. */
  private knownName(words: readonly string[]): string {
    const name = nameOf(words);
    return this.broker.commands.has(name) ? name : "";
  }

  private callOf(client: Client): Call {
    const { keyspace } = this.broker;
    return { keyspace, client, broker: this.broker, protocol: client.protocol, mayBlock: true };
  }

  /** The command, if the client may run it now. A refusal fails its transaction. */
  private admit(client: Client, words: readonly string[]): Command {
    try {
      const command = this.lookUp(words);
      const name = nameOf(words);
      if (client.isRestricted && !FOR_SUBSCRIBERS.has(name)) {
        throw new CommandError(
          `ERR Can't execute '${name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / ` +
            "RESET are allowed in this context",
        );
      }
      this.refuseWrites(client, command, name);
      return command;
    } catch (error) {
      if (client.transaction !== undefined) client.transaction.failed = true;
      throw error;
    }
  }

  /** While the log cannot be written, nothing may change that would have to be logged. */
  private refuseWrites(client: Client, command: Command, name: string): void {
    const { transaction } = client;
    const writes =
      name === "exec"
        ? transaction?.queued.some((words) => mayWrite(this.lookUp(words), nameOf(words))) === true
        : mayWrite(command, name);
    const refusal = writes ? this.hooks.writeRefusal() : undefined;
    if (refusal === undefined) return;
    if (name !== "exec") throw new CommandError(refusal);
    abandonTransaction(client, this.broker.keyspace);
    throw new CommandError(`EXECABORT Transaction discarded because of: ${refusal}`);
  }

  private lookUp(words: readonly string[]): Command {
    const name = nameOf(words);
    const command = this.broker.commands.get(name);
    if (command === undefined) throw unknownCommand(words);
    if (!suitsArity(command.arity, words.length)) throw wrongArity(name);
    return command;
  }

  private invoke(call: Call, words: readonly string[]): Reply {
    return this.run(this.lookUp(words), call, words);
  }

  private run(command: Command, call: Call, words: readonly string[]): Reply {
    const { keyspace } = this.broker;
    const [changes, recorded] = [keyspace.changes, this.recorded];
    try {
      return command.run(call, words.slice(1));
    } finally {
      if (keyspace.changes !== changes && this.recorded === recorded) this.record(words);
    }
  }

  private record(words: readonly string[]): void {
    this.recorded += 1;
    this.written.push(words);
  }

  private errorReply(error: unknown, name: string, how: "rejected" | "failed"): Reply {
    if (!(error instanceof CommandError)) this.hooks.onBug(error);
    const message =
      error instanceof CommandError ? error.message : "ERR internal error of the broker";
    this.broker.counters.countError(name, how, message);
    return { type: "error", message };
  }

  private endUnit(client: Client | undefined): void {
    this.log(client);
    this.broker.blocked.serve(this.broker.keyspace.touched, (waiting, read) =>
      this.tryRead(waiting, read),
    );
  }

  private tryRead(client: Client, read: BlockedRead): Reply | undefined {
    try {
      return read.attempt();
    } catch (error) {
      return this.errorReply(error, client.lastCommand, "failed");
    } finally {
      this.log(client);
    }
  }

  private log(client: Client | undefined): void {
    if (this.written.length === 0) return;
    const unit = this.written;
    this.written = [];
    this.hooks.onWrite(unit, client);
  }
}

/** What scripts may do is not in their flags. */
const SCRIPTS = new Set(["eval", "evalsha"]);

function mayWrite(command: Command, name: string): boolean {
  return command.flags.includes("write") || SCRIPTS.has(name);
}

function nameOf(words: readonly string[]): string {
  return (words[0] ?? "").toLowerCase();
}

/** Redis shows no more than so many characters of a command it does not know. */
const SHOWN_CHARACTERS = 128;

function unknownCommand(words: readonly string[]): CommandError {
  const [name = "", ...args] = words;
  let shown = "";
  for (const argument of args) {
    if (shown.length >= SHOWN_CHARACTERS) break;
    shown += `'${argument.slice(0, SHOWN_CHARACTERS - shown.length)}' `;
  }
  return new CommandError(
    `ERR unknown command '${name.slice(0, SHOWN_CHARACTERS)}', with args beginning with: ${shown}`,
  );
}
