import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Leadership } from "../../src/agents/orchestrator/leadership.ts";
import { takeTurns } from "../../src/agents/orchestrator/leadership.ts";
import type { WorkerContext } from "../../src/agents/runtime/worker-context.ts";
import type { RedisConnection } from "../../src/bus/connection.ts";
import { commitRun, loadRunEvents } from "../../src/bus/run-store.ts";
import type { WorkerSlot } from "../../src/protocol/ids.ts";
import { runIdSchema } from "../../src/protocol/ids.ts";
import { namesOf } from "../../src/protocol/names.ts";
import { deferred } from "../support/deferred.ts";
import type { EitherServer } from "../support/either-server.ts";
import { SERVER_KINDS, startEitherServer } from "../support/either-server.ts";
import { configOf, slotOf } from "../support/worker-fixtures.ts";

const names = namesOf("default");
const runId = runIdSchema.parse("R1");
const first = slotOf("orchestrator", 0);
const second = slotOf("orchestrator", 1);

describe.each(SERVER_KINDS)("the orchestrator's lease on %s", (kind) => {
  let server: EitherServer;
  let redis: RedisConnection;
  let stops: (() => Promise<void>)[];
  beforeAll(async () => {
    server = await startEitherServer(kind);
  });
  afterAll(() => server.stop());
  beforeEach(() => {
    redis = server.connect();
    stops = [];
  });
  afterEach(async () => {
    for (const stop of stops) await stop();
    await server.clear();
  });

  interface Candidate {
    /** Resolves each time it leads. */
    readonly leads: () => Promise<Leadership>;
    leave(): Promise<void>;
  }

  /** An orchestrator that leads until it is refused, or leaves. */
  function candidate(slot: WorkerSlot): Candidate {
    const drain = new AbortController();
    let turn = deferred<Leadership>();
    const context: WorkerContext = {
      config: configOf("orchestrator", { slot }),
      names,
      address: server.address,
      command: server.connect(),
      blocking: server.connect("blocking"),
      subscriber: server.connect("subscriber"),
      draining: drain.signal,
      setActivity: () => undefined,
      log: () => undefined,
      tell: () => undefined,
    };
    const ended = takeTurns(context, async (leadership) => {
      turn.resolve(leadership);
      await new Promise<void>((resolve) => {
        const end = (): void => {
          turn = deferred<Leadership>();
          resolve();
        };
        leadership.over.addEventListener("abort", end);
        if (leadership.over.aborted) end();
      });
    });
    const leave = async (): Promise<void> => {
      drain.abort();
      await ended;
    };
    stops.push(leave);
    return { leads: () => turn.promise, leave };
  }

  /** A decision on the run, made by whoever had that token. */
  const decide = (version: number, fence: number): Promise<unknown> =>
    commitRun(
      redis,
      names,
      {
        ...{ runId, expectedVersion: version, now: 1, ended: false, state: "{}" },
        origin: version === 0 ? "{}" : null,
        event: `by ${fence}`,
        ...{ timersToSet: [], timersToClear: [], tasks: [], notes: [], source: null },
      },
      fence,
    );

  test("is given to one, and to the next when that one leaves", async () => {
    const one = candidate(first);
    const { fence } = await one.leads();
    const other = candidate(second);
    expect(await redis.get(names.lease)).toContain(first);

    await one.leave();

    expect((await other.leads()).fence).toBe(fence + 1);
  });

  test("refuses the decisions of one who was replaced, whatever it believes", async () => {
    const one = candidate(first);
    const before = await one.leads();
    expect(await decide(0, before.fence)).toMatchObject({ committed: true });
    // As if it had been paused for longer than its lease.
    await redis.del(names.lease);
    const after = await candidate(second).leads();
    expect(after.fence).toBeGreaterThan(before.fence);

    expect(await decide(1, before.fence)).toEqual({ committed: false, fenced: true });
    expect(await decide(1, after.fence)).toMatchObject({ committed: true });
    expect(await loadRunEvents(redis, names, runId, 1)).toEqual([
      `by ${before.fence}`,
      `by ${after.fence}`,
    ]);
  });

  test("is taken over at once by the same slot's next process, not by the last one", async () => {
    const before = candidate(first);
    const old = await before.leads();
    const next = await candidate(first).leads();

    expect(next.fence).toBeGreaterThan(old.fence);
    await new Promise<void>((resolve) => old.over.addEventListener("abort", () => resolve()));
    expect(await decide(0, next.fence)).toMatchObject({ committed: true });
  });

  test("has tokens that grow although the server has lost its data", async () => {
    const one = candidate(first);
    const before = await one.leads();
    await redis.flushall();
    expect(await decide(0, before.fence)).toEqual({ committed: false, fenced: true });
    before.giveUp();

    expect((await one.leads()).fence).toBeGreaterThan(before.fence);
  });
});
