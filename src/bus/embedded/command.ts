import type { Clock } from "../../base/clock.ts";
import type { BlockedClients } from "./blocking.ts";
import type { Client } from "./client.ts";
import type { Keyspace } from "./keyspace.ts";
import type { OutputLimits } from "./output-limits.ts";
import type { Subscriptions } from "./pubsub.ts";
import { CommandError, type Protocol, type Reply, status, wrongArity } from "./reply.ts";
import type { ScriptLibrary } from "./script-library.ts";
import type { Statistics } from "./statistics.ts";

/** What a command is allowed to do and where; the names are those of COMMAND. */
type CommandFlag =
  | "readonly"
  | "write"
  | "fast"
  | "admin"
  | "pubsub"
  | "blocking"
  | "noscript"
  | "no_multi";

/** One command of the table. */
export interface Command {
  /** The number of words with the name, or its negated minimum. */
  readonly arity: number;
  readonly flags: readonly CommandFlag[];
  /** Where its keys are: first and last word (negative from the end) and the step between. */
  readonly keys?: readonly [first: number, last: number, step: number];
  /** Runs it; `args` are without the name. Throws CommandError for an error reply. */
  readonly run: (call: Call, args: readonly string[]) => Reply;
}

/** Commands by their lower-case names. */
export type CommandTable = Readonly<Record<string, Command>>;

/** The surroundings of one command. */
export interface Call {
  readonly keyspace: Keyspace;
  readonly client: Client;
  readonly broker: Broker;
  readonly protocol: Protocol;
  /** Scripts and transactions run to the end: nothing waits inside them. */
  readonly mayBlock: boolean;
}

/** The append-only file, as far as commands are concerned. */
export interface BrokerLog {
  policy: "everysec" | "always";
  /** Starts a rewrite; answers whether it could. */
  startRewrite(): boolean;
  /** Forgets everything and plays the file. Throws when it is damaged. */
  reload(): void;
  /** The lines of INFO. */
  info(): Readonly<Record<string, string | number>>;
}

/** What the commands know of the server. */
export interface Broker {
  readonly keyspace: Keyspace;
  readonly clients: Map<number, Client>;
  /** Those who are shown every command. */
  readonly monitors: Set<Client>;
  readonly subscriptions: Subscriptions;
  readonly blocked: BlockedClients;
  readonly scripts: ScriptLibrary;
  readonly commands: ReadonlyMap<string, Command>;
  readonly settings: Map<string, string>;
  readonly clock: Clock;
  readonly startedAt: number;
  readonly counters: Statistics;
  readonly limits: OutputLimits;
  /** Undefined for a broker that keeps nothing. */
  readonly log: BrokerLog | undefined;
  /** Runs a command inside the one that runs; throws CommandError. */
  invoke(call: Call, words: readonly string[]): Reply;
  /**
   * Logs these words for the command that runs, in place of its own: they make the same change
   * whenever they are played.
   */
  record(...words: readonly string[]): void;
}

/** Whether a number of words, with the name, suits an arity. */
export function suitsArity(arity: number, words: number): boolean {
  return arity >= 0 ? words === arity : words >= -arity;
}

/** The keys among the words of a command. */
export function keyWords({ keys }: Command, words: readonly string[]): readonly string[] {
  if (keys === undefined) return [];
  const [first, last, step] = keys;
  const end = last < 0 ? words.length + last : last;
  return words.filter((_, index) => index >= first && index <= end && (index - first) % step === 0);
}

/** A part of a container command such as XGROUP; its arity counts both names. */
export interface Subcommand {
  readonly arity: number;
  /** The arguments as HELP prints them. */
  readonly usage: string;
  /** Runs it; `args` are without the two names. */
  readonly run: (call: Call, args: readonly string[]) => Reply;
}

/** The `run` of a container command: dispatches to its parts and answers HELP. */
export function container(
  name: string,
  parts: Readonly<Record<string, Subcommand>>,
): Command["run"] {
  const table = new Map(Object.entries(parts));
  return (call, [word = "", ...args]) => {
    const lower = word.toLowerCase();
    if (lower === "help") {
      if (args.length > 0) throw wrongArity(`${name}|help`);
      return help(name, table);
    }
    const part = table.get(lower);
    if (part === undefined) {
      const shown = word.slice(0, 128);
      throw new CommandError(`ERR unknown subcommand '${shown}'. Try ${name.toUpperCase()} HELP.`);
    }
    if (!suitsArity(part.arity, args.length + 2)) throw wrongArity(`${name}|${lower}`);
    return part.run(call, args);
  };
}

function help(name: string, parts: ReadonlyMap<string, Subcommand>): Reply {
  return [
    status(`${name.toUpperCase()} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`),
    ...[...parts].map(([part, { usage }]) => status(`${part.toUpperCase()} ${usage}`.trimEnd())),
    status("HELP"),
  ];
}
