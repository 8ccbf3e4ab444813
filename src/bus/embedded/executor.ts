import type { BlockedRead, Client } from "./client.ts";
import { type Broker, type Call, type Command, suitsArity } from "./command.ts";
import { CommandError, type Reply, status, wrongArity } from "./reply.ts";

/**
 * What changed the keyspace, in the order it ran: one command, or all those of a transaction or a
 * script. Played again with the clock standing at `at`, the commands make the same change.
 */
export interface WriteUnit {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly commands: readonly (readonly string[])[];
}

/** What the executor tells its owner. */
export interface ExecutorHooks {
  /** Called once after each unit that changed something: the one place where a log listens. */
  readonly onWrite: (unit: WriteUnit) => void;
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
 * 2. A command is logged when it changed the keyspace and no command it ran was logged for it.
 * 3. After each unit the log hears of it, then the readers it woke are served, each as a unit.
 */
export class Executor {
  private readonly broker: Broker;
  private readonly hooks: ExecutorHooks;
  private written: (readonly string[])[] = [];

  constructor(broker: Omit<Broker, "invoke">, hooks: ExecutorHooks) {
    this.broker = { ...broker, invoke: (call, words) => this.invoke(call, words) };
    this.hooks = hooks;
  }

  /** Runs a command of a client and sends the reply. */
  execute(client: Client, words: readonly string[]): void {
    const { broker } = this;
    broker.counters.commands += 1;
    broker.keyspace.now = broker.clock.now();
    client.lastActiveAt = broker.keyspace.now;
    client.reply(this.answer(client, words));
    this.endUnit();
  }

  /** Removes some of the keys that are past their time. */
  expire(limit: number): void {
    this.broker.keyspace.now = this.broker.clock.now();
    this.broker.keyspace.expireSome(limit);
    this.endUnit();
  }

  private answer(client: Client, words: readonly string[]): Reply {
    try {
      const command = this.admit(client, words);
      const { transaction } = client;
      if (transaction !== undefined && !NOT_QUEUED.has(nameOf(words))) {
        transaction.queued.push(words);
        return status("QUEUED");
      }
      client.lastCommand = nameOf(words);
      return this.run(command, this.callOf(client), words);
    } catch (error) {
      return this.errorReply(error);
    }
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
      return command;
    } catch (error) {
      if (client.transaction !== undefined) client.transaction.failed = true;
      throw error;
    }
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
    const [changes, logged] = [keyspace.changes, this.written.length];
    try {
      return command.run(call, words.slice(1));
    } finally {
      if (keyspace.changes !== changes && this.written.length === logged) this.written.push(words);
    }
  }

  private errorReply(error: unknown): Reply {
    if (error instanceof CommandError) return { type: "error", message: error.message };
    this.hooks.onBug(error);
    return { type: "error", message: "ERR internal error of the broker" };
  }

  private endUnit(): void {
    this.log();
    this.broker.blocked.serve(this.broker.keyspace.touched, (client, read) =>
      this.tryRead(client, read),
    );
  }

  private tryRead(_client: Client, read: BlockedRead): Reply | undefined {
    const { keyspace } = this.broker;
    const before = keyspace.changes;
    const reply = read.attempt();
    if (keyspace.changes !== before) this.written.push(read.command);
    this.log();
    return reply;
  }

  private log(): void {
    if (this.written.length === 0) return;
    const commands = this.written;
    this.written = [];
    this.hooks.onWrite({ at: this.broker.keyspace.now, commands });
  }
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
