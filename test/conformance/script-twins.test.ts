/**
 * Every script of the bus, as Lua on a real server and as TypeScript on the embedded broker: the same
 * random operations must be answered alike and leave the same keys behind.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import * as fc from "fast-check";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { startEmbeddedBroker } from "../../src/bus/embedded/server.ts";
import { runScript } from "../../src/bus/run-script.ts";
import { adoptScript } from "../../src/bus/scripts/adopt.ts";
import { ALL_SCRIPTS } from "../../src/bus/scripts/all-scripts.ts";
import { commitScript } from "../../src/bus/scripts/commit.ts";
import { completeScript } from "../../src/bus/scripts/complete.ts";
import { lodgeScript, replayScript, setAsideScript } from "../../src/bus/scripts/dead-letter.ts";
import { enqueueScript } from "../../src/bus/scripts/enqueue.ts";
import { leadScript } from "../../src/bus/scripts/lead.ts";
import { mirrorEntryScript, mirrorRemovalScript } from "../../src/bus/scripts/mirror-entry.ts";
import { renewScript } from "../../src/bus/scripts/renew.ts";
import { takeDueScript } from "../../src/bus/scripts/take-due.ts";
import { REDIS_SERVER, startRedisServer } from "../support/redis-server.ts";

const SEED = 20_261_122;
const RUNS = 300;
const STREAMS = ["tasks", "results", "commands", "letters", "mirror0", "mirror1"];
const GROUP = "workers";
const MONTH_MS = 30 * 86_400_000;

type Operation =
  | { readonly kind: "enqueue"; readonly message: number }
  | { readonly kind: "read"; readonly consumer: string }
  | { readonly kind: "renew" | "settle"; readonly consumer: string; readonly entry: number }
  | {
      readonly kind: "complete";
      readonly consumer: string;
      readonly entries: readonly number[];
      readonly awaited: boolean;
      readonly givenUp: boolean;
    }
  | {
      readonly kind: "lead";
      readonly slot: string;
      readonly nonce: string;
      readonly leaseMs: number;
      readonly first: boolean;
    }
  | { readonly kind: "adopt" | "lodge" | "replay"; readonly message: number }
  | { readonly kind: "due" }
  | { readonly kind: "mirror" | "unmirror"; readonly entry: number }
  | { readonly kind: "break"; readonly key: string }
  | { readonly kind: "commit"; readonly decisions: readonly Decision[]; readonly fence: Fence };

type Fence = "none" | "present" | "old";

interface Decision {
  readonly run: string;
  readonly late: boolean;
  readonly ended: boolean;
  readonly first: boolean;
  readonly source: number | undefined;
  readonly timers: readonly (readonly [string, boolean])[];
  readonly cleared: readonly string[];
  readonly tasks: readonly string[];
  readonly notes: readonly string[];
  /** Work that is to be found again, and how many months later than the first it was done. */
  readonly cached: readonly (readonly [digest: string, months: number])[];
}

const consumer = fc.constantFrom("a", "b");
const member = fc.constantFrom("t1", "t2", "t3", "ü\u0000");
const text = fc.string({ unit: "binary", maxLength: 12 });
const decision: fc.Arbitrary<Decision> = fc.record({
  run: fc.constantFrom("1", "2"),
  late: fc.boolean(),
  ended: fc.boolean(),
  first: fc.boolean(),
  source: fc.option(fc.nat(5), { nil: undefined }),
  timers: fc.array(fc.tuple(member, fc.boolean()), { maxLength: 3 }),
  cleared: fc.array(member, { maxLength: 2 }),
  tasks: fc.array(text, { maxLength: 2 }),
  notes: fc.array(text, { maxLength: 2 }),
  cached: fc.array(fc.tuple(fc.constantFrom("w1", "w2", "w3", "ü\u0000"), fc.nat(4)), {
    maxLength: 2,
  }),
});
const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("enqueue" as const), message: fc.nat(6) }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("read" as const), consumer }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom("settle" as const, "renew" as const),
      consumer,
      entry: fc.nat(5),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("complete" as const),
      consumer,
      entries: fc.array(fc.nat(5), { minLength: 1, maxLength: 3 }),
      awaited: fc.boolean(),
      givenUp: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("lead" as const),
      slot: fc.constantFrom("s", "s2"),
      nonce: fc.constantFrom("n1", "n2"),
      leaseMs: fc.constantFrom(0, 600_000),
      first: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom("adopt" as const, "lodge" as const, "replay" as const),
      message: fc.nat(3),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("due" as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("mirror" as const), entry: fc.nat(5) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("unmirror" as const), entry: fc.nat(5) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("break" as const),
      key: fc.constantFrom(
        ...["results", "run:1", "due", "events:1", "lead", "fence", "letters", "open", "active"],
        ...["cache", "ages"],
      ),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("commit" as const),
      decisions: fc.array(decision, { minLength: 1, maxLength: 3 }),
      fence: fc.constantFrom("none" as const, "present" as const, "old" as const),
    }),
  },
);

/** Plays operations on one server; ids are told apart by the order in which they were seen. */
class Player {
  readonly #client: Redis;
  readonly #delivered: string[] = [];
  readonly #versions = new Map<string, number>();
  readonly #fences: string[] = [];

  constructor(client: Redis) {
    this.#client = client;
  }

  async start(): Promise<void> {
    await this.#client.flushall();
    await this.#client.xgroup("CREATE", "tasks", GROUP, "0", "MKSTREAM");
  }

  async play(one: Operation): Promise<unknown> {
    try {
      return await this.#play(one);
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      return `ERROR ${message.replace(/ script: .*$/, "")}`;
    }
  }

  async #play(one: Operation): Promise<unknown> {
    const client = this.#client;
    switch (one.kind) {
      case "enqueue": {
        const numbers = [one.message, one.message + 1, one.message];
        const keys = ["tasks", ...numbers.map((number) => `seen:${number}`)];
        return await runScript(
          client,
          enqueueScript,
          keys,
          numbers.map((number) => `message ${number}`),
        );
      }
      case "read": {
        const reply = await client.call(
          ...([
            "XREADGROUP",
            "GROUP",
            GROUP,
            one.consumer,
            "COUNT",
            "1",
            "STREAMS",
            "tasks",
            ">",
          ] as const),
        );
        const id = /\d{13}-\d+/.exec(JSON.stringify(reply))?.[0];
        if (id !== undefined) this.#delivered.push(id);
        return JSON.stringify(reply).replace(/\d{13}-\d+/, "<id>");
      }
      case "complete":
        return await this.#complete(one);
      case "settle":
        return await this.#settle(one);
      case "lead":
        return await this.#lead(one);
      case "adopt": {
        const keys = [`seen:adopted:${one.message}`, "results", "open", "tasks"];
        const argv = [`result ${one.message}`, `task ${one.message}`, GROUP];
        return await runScript(client, adoptScript, keys, argv);
      }
      case "lodge": {
        const keys = [`seen:letter:${one.message}`, "letters"];
        return await runScript(client, lodgeScript, keys, ["topic", "a reason", "a text"]);
      }
      case "replay": {
        const letters = await client.xrange("letters", "-", "+");
        const letter = letters[one.message]?.[0] ?? "1-1";
        return await runScript(client, replayScript, ["letters", "tasks"], [letter, "again"]);
      }
      case "renew":
        return await runScript(
          client,
          renewScript,
          ["tasks"],
          [GROUP, one.consumer, this.#entry(one.entry)],
        );
      case "due":
        return await runScript(client, takeDueScript, ["due", "commands"], [2]);
      case "mirror": {
        const argv = [`session ${one.entry % 2}`, `entry ${one.entry}`, "json"];
        return await runScript(client, mirrorEntryScript, this.#mirrorKeys(one.entry), argv);
      }
      case "unmirror": {
        const keys = [...this.#mirrorKeys(one.entry), "index"];
        const argv = [`session ${one.entry % 2}`, "json"];
        return await runScript(client, mirrorRemovalScript, keys, argv);
      }
      case "break":
        return await client.set(one.key, "not what it was");
      case "commit":
        return await this.#commit(one);
    }
  }

  async #complete(one: Extract<Operation, { kind: "complete" }>): Promise<unknown> {
    const argv = one.entries.flatMap((entry, index) => [
      ...[this.#entry(entry), `task ${index}`, one.awaited ? 1 : 0, `result ${index}`],
      ...[one.givenUp ? "given up" : "", "the task"],
    ]);
    const keys = ["tasks", "results", "open", "letters"];
    return await runScript(this.#client, completeScript, keys, [
      ...[GROUP, one.consumer, "channel"],
      ...argv,
    ]);
  }

  async #settle(one: Extract<Operation, { kind: "renew" | "settle" }>): Promise<unknown> {
    const argv = [
      ...[GROUP, this.#entry(one.entry), one.consumer, one.entry > 3 ? this.#fence(0) : ""],
      ...[one.entry % 2 === 0 ? "not JSON" : "", "ü\u0000"],
    ];
    return await runScript(this.#client, setAsideScript, ["tasks", "letters", "fence"], argv);
  }

  async #lead(one: Extract<Operation, { kind: "lead" }>): Promise<unknown> {
    const argv = [one.slot, one.nonce, one.leaseMs, one.first ? 1 : 0];
    const fence = String(await runScript(this.#client, leadScript, ["lead", "fence"], argv));
    if (fence !== "0" && !this.#fences.includes(fence)) this.#fences.push(fence);
    return this.#fences.indexOf(fence);
  }

  async #commit(one: Extract<Operation, { kind: "commit" }>): Promise<unknown> {
    const keys = [
      ...["runs", "active", "due", "fence", "commands", "tasks"],
      ...one.decisions.flatMap(({ run, tasks }) => [
        ...[`run:${run}`, `events:${run}`],
        ...tasks.flatMap(() => ["tasks", "open"]),
      ]),
    ];
    const cached = one.decisions.flatMap((decision, index) =>
      decision.cached.flatMap(([digest, months]) => [
        ...[index + 1, digest, 1_790_000_000_000 + months * MONTH_MS, `attempt ${index}`],
      ]),
    );
    if (cached.length > 0) keys.push("cache", "ages");
    const fence = one.fence === "none" ? "" : this.#fence(one.fence === "old" ? 1 : 0);
    const argv = [
      ...[GROUP, fence, "events", one.decisions.length],
      ...one.decisions.flatMap((decision) => this.#wordsOf(decision)),
      ...cached,
    ];
    const reply = await runScript(this.#client, commitScript, keys, argv);
    for (const [index, { run }] of one.decisions.entries()) {
      const answer: unknown = Array.isArray(reply) ? reply[index] : undefined;
      if (Array.isArray(answer)) this.#versions.set(run, Number(answer[1]));
    }
    return reply;
  }

  #wordsOf(one: Decision): readonly (string | number)[] {
    const version = this.#versions.get(one.run) ?? 0;
    return [
      one.late ? version + 1 : version,
      one.run,
      1_000_000 + version,
      one.ended ? 1 : 0,
      one.first ? "origin" : "",
      `state ${version}`,
      `event ${version}`,
      one.source === undefined ? 0 : 6,
      one.source === undefined ? "" : this.#entry(one.source),
      // A late commit may carry the token of the one before it: it is that one, sent again.
      one.late && one.first ? `token ${one.run} ${version - 1}` : `token ${one.run} ${version}`,
      one.timers.length,
      ...one.timers.flatMap(([name, past]) => [past ? 5 : 99_999_999_999_999, name]),
      one.cleared.length,
      ...one.cleared,
      one.tasks.length,
      ...one.tasks.flatMap((task, index) => [`task ${index}`, "task-channel", task]),
      one.notes.length,
      ...one.notes.flatMap((note) => ["note-channel", note]),
    ];
  }

  /** The token of the present holder, or of one before it. */
  #fence(back: number): string {
    return this.#fences.at(-1 - back) ?? "7";
  }

  #mirrorKeys(entry: number): readonly string[] {
    return [`mirror${entry % 2}`, `ids${entry % 2}`, "gone", "changed", "changes"];
  }

  #entry(index: number): string {
    return this.#delivered[index] ?? "1-1";
  }

  /** Every key with its type and contents. */
  async dump(): Promise<unknown> {
    const keys = (await this.#client.keys("*")).sort();
    const dumped: unknown[] = [];
    for (const key of keys) dumped.push([key, await this.#read(key)]);
    return dumped;
  }

  async #read(key: string): Promise<unknown> {
    const client = this.#client;
    const type = await client.type(key);
    const expires = (await client.pttl(key)) > 0;
    switch (type) {
      case "string":
        return [type, expires, key === "fence" ? "a token" : await client.get(key)];
      case "hash":
        // The entries of tasks: their ids differ, as they hold the server's time.
        if (key === "open") return [type, expires, (await client.hkeys(key)).sort()];
        return [type, expires, await client.hgetall(key)];
      case "set":
        return [type, expires, (await client.smembers(key)).sort()];
      case "zset":
        return [type, expires, await client.zrange(key, "0", "-1", "WITHSCORES")];
      default:
        return [type, expires, await this.#readStream(key)];
    }
  }

  async #readStream(key: string): Promise<unknown> {
    const client = this.#client;
    const entries = await client.xrange(key, "-", "+");
    const groups = key === "tasks" ? await client.xpending(key, GROUP, "-", "+", "100") : [];
    const pending = (groups as [string, string, number, number][]).map(([, name, , count]) => [
      name,
      count,
    ]);
    const ids = STREAMS.includes(key) ? [] : entries.map(([id]) => id);
    return [ids, entries.map(([, fields]) => fields), pending];
  }
}

const real = REDIS_SERVER;
const title = real === undefined ? "no real server was found" : `compared with ${basename(real)}`;

describe.skipIf(real === undefined)(`scripts and their twins, ${title}`, () => {
  const closing: (() => Promise<void>)[] = [];
  const clients: Redis[] = [];

  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), "aimie-twins-"));
    const socketPath = join(folder, "broker.sock");
    const options = { socketPath, scripts: ALL_SCRIPTS, clock: systemClock };
    const embedded = await startEmbeddedBroker(options);
    const server = await startRedisServer();
    clients.push(new Redis({ path: socketPath, protocol: 2 }));
    clients.push(new Redis({ path: server.path, protocol: 2 }));
    closing.push(
      () => embedded.close(),
      () => server.stop(),
    );
    closing.push(async () => rmSync(folder, { recursive: true, force: true }));
  });
  afterAll(async () => {
    for (const client of clients) client.disconnect();
    for (const close of closing) await close();
  });

  it("are answered alike and leave the same behind", async () => {
    const [left, right] = clients as [Redis, Redis];
    const plays = fc.asyncProperty(
      fc.array(operation, { minLength: 1, maxLength: 40 }),
      async (operations) => {
        const players = [new Player(left), new Player(right)] as const;
        for (const player of players) await player.start();
        for (const one of operations) {
          const [embedded, other] = [await players[0].play(one), await players[1].play(one)];
          expect({ one, reply: embedded }).toEqual({ one, reply: other });
        }
        expect(await players[0].dump()).toEqual(await players[1].dump());
      },
    );
    await fc.assert(plays, { seed: SEED, numRuns: RUNS });
  });
});
