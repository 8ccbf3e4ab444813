import { Socket } from "node:net";
import { BlockedClients } from "../../src/bus/embedded/blocking.ts";
import { Client } from "../../src/bus/embedded/client.ts";
import { ALL_COMMANDS } from "../../src/bus/embedded/command-table.ts";
import { Executor } from "../../src/bus/embedded/executor.ts";
import { Keyspace, type Value } from "../../src/bus/embedded/keyspace.ts";
import { type FsyncPolicy, WriteLog } from "../../src/bus/embedded/log/write-log.ts";
import { OutputLimits } from "../../src/bus/embedded/output-limits.ts";
import { Subscriptions } from "../../src/bus/embedded/pubsub.ts";
import { encodeReply } from "../../src/bus/embedded/resp-writer.ts";
import { scriptLibrary } from "../../src/bus/embedded/script-library.ts";
import { Statistics } from "../../src/bus/embedded/statistics.ts";
import { FIRST_ID, formatId, LAST_ID } from "../../src/bus/embedded/stream-id.ts";
import type { Group, StreamValue } from "../../src/bus/embedded/stream-value.ts";
import { type HandClock, handClock } from "./hand-clock.ts";
import { MemoryDisk } from "./memory-disk.ts";
import { decodeReply, type WireReply } from "./resp-client.ts";

const PATH = "/log";
const START = 1000;

interface WorldOptions {
  readonly disk?: MemoryDisk;
  readonly clock?: HandClock;
  readonly fsync?: FsyncPolicy;
  readonly rewriteMinBytes?: number;
}

/** The inside of an embedded broker with its log: no sockets, a disk in memory, time by hand. */
export class EmbeddedWorld {
  readonly disk: MemoryDisk;
  readonly said: string[] = [];
  readonly clock: HandClock;
  private readonly keyspace = new Keyspace();
  private readonly client: Client;
  private readonly other: Client;
  private readonly executor: Executor;
  private readonly writeLog: WriteLog;
  private readonly states: string[][] = [];
  private readonly later: (() => void)[] = [];

  constructor({
    disk = new MemoryDisk(),
    clock = handClock(START),
    fsync = "everysec",
    rewriteMinBytes,
  }: WorldOptions = {}) {
    this.disk = disk;
    this.clock = clock;
    const limits = new OutputLimits();
    const nothing = () => undefined;
    const outbox = { limits, now: () => clock.now(), add: nothing, end: nothing };
    this.client = new Client(1, new Socket(), outbox);
    this.other = new Client(2, new Socket(), outbox);
    const { keyspace } = this;
    this.writeLog = new WriteLog(
      {
        path: PATH,
        fsync,
        disk,
        ...(rewriteMinBytes === undefined ? {} : { rewriteMinBytes }),
        rewriteStepBytes: 40,
        say: (message) => this.said.push(message),
      },
      {
        keyspace,
        commands: ALL_COMMANDS,
        clock,
        replay: (words) => this.executor.replay(this.client, words),
        soon: (next) => this.later.push(next),
      },
    );
    this.executor = new Executor(
      {
        keyspace,
        clients: new Map(),
        monitors: new Set(),
        subscriptions: new Subscriptions(),
        blocked: new BlockedClients(nothing),
        scripts: scriptLibrary([]),
        commands: ALL_COMMANDS,
        settings: new Map(),
        clock,
        startedAt: 0,
        counters: new Statistics(),
        limits,
        log: this.writeLog,
      },
      {
        onWrite: (unit) => {
          this.writeLog.append(unit);
          this.states.push(this.dump());
        },
        writeRefusal: () => this.writeLog.refusal(),
        onBug: (error) => {
          throw error;
        },
      },
    );
    this.writeLog.open();
    this.states.push(this.dump());
  }

  /** How many rewrites have been finished. */
  get rewrites(): number {
    return Number(this.writeLog.info()["aof_rewrites"]);
  }

  /** Runs a command and ends the tick; answers whether its change was kept. */
  run(words: readonly string[]): boolean {
    this.executor.execute(this.client, words.map(latin1));
    return this.writeLog.flush();
  }

  /** The same by another client. */
  runAsAnother(words: readonly string[]): boolean {
    this.executor.execute(this.other, words.map(latin1));
    return this.writeLog.flush();
  }

  /** Runs a command; answers its reply: a string as it is, an error or status with its sign. */
  ask(...words: readonly string[]): string {
    return this.wire(words)
      .replace(/^\$\d+\r\n/, "")
      .trimEnd();
  }

  /** Runs a command; answers its reply as it would stand on the wire in RESP2. */
  reply(words: readonly string[]): WireReply | undefined {
    return decodeReply(this.wire(words));
  }

  private wire(words: readonly string[]): string {
    let bytes = "";
    this.client.reply = (answer) => {
      bytes = encodeReply(answer, 2);
    };
    this.run(words);
    return bytes;
  }

  passTime(ms: number): void {
    this.clock.advance(ms);
    this.executor.expire(100);
    this.writeLog.flush();
  }

  /** What the log has, as bytes. */
  log(): Buffer {
    return this.disk.read(PATH) ?? Buffer.alloc(0);
  }

  startRewrite(): void {
    this.writeLog.startRewrite();
  }

  stepRewrite(): void {
    this.later.shift()?.();
  }

  finishRewrite(): void {
    while (this.later.length > 0) this.stepRewrite();
  }

  /** The state after each change so far, and at the beginning. */
  history(): readonly (readonly string[])[] {
    return this.states;
  }

  /** What another broker would hold that started on the first so many bytes of the log. */
  reloaded(length = this.log().length): string[] {
    return this.restarted((log) => log.subarray(0, length)).dump();
  }

  /** Another broker that starts on the log, after something was done to it. */
  restarted(change: (log: Buffer) => Buffer = (log) => log): EmbeddedWorld {
    const disk = new MemoryDisk();
    disk.files.set(PATH, change(Buffer.from(this.log())));
    return new EmbeddedWorld({ disk, clock: this.clock });
  }

  /** Everything the log has to keep, a line for each thing; keys past their time included. */
  dump(): string[] {
    const { keyspace } = this;
    const wasLoading = keyspace.loading;
    keyspace.loading = true;
    const lines = keyspace.keys().flatMap((key) => {
      const value = keyspace.find(key);
      const until = keyspace.expiryOf(key) ?? "always";
      return value === undefined ? [] : describe(value).map((line) => `${key} ${until} ${line}`);
    });
    keyspace.loading = wasLoading;
    return lines.sort();
  }
}

function latin1(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

function describe(value: Value): string[] {
  switch (value.type) {
    case "string":
      return [`string ${value.text}`];
    case "hash":
      return [`hash ${JSON.stringify([...value.fields])}`];
    case "set":
      return [`set ${JSON.stringify([...value.members].sort())}`];
    case "list":
      return [`list ${JSON.stringify(value.items)}`];
    case "zset":
      return [
        `zset ${JSON.stringify(value.slice(0, value.size).map((one) => [one.member, String(one.score)]))}`,
      ];
    case "stream":
      return describeStream(value);
    default:
      value satisfies never;
      return [];
  }
}

function describeStream(stream: StreamValue): string[] {
  const entries = stream.entries.range(FIRST_ID, LAST_ID);
  return [
    `stream ${formatId(stream.lastId)} ${formatId(stream.maxDeletedId)} ${stream.entriesAdded}`,
    ...entries.map(({ id, fields }) => `entry ${formatId(id)} ${JSON.stringify(fields)}`),
    ...[...stream.groups.values()].flatMap(describeGroup),
  ];
}

function describeGroup(group: Group): string[] {
  const name = `group ${group.name}`;
  return [
    `${name} ${formatId(group.lastId)} ${group.entriesRead}`,
    ...[...group.consumers.keys()].map((consumer) => `${name} consumer ${consumer}`),
    ...group.pending
      .range(FIRST_ID, LAST_ID)
      .map(
        ({ id, consumer, deliveredAt, deliveries }) =>
          `${name} pending ${formatId(id)} ${consumer.name} ${deliveredAt} ${deliveries}`,
      ),
  ];
}
