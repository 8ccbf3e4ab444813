import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { OperatorError } from "../../src/base/operator-error.ts";
import type { RedisConnection } from "../../src/bus/connection.ts";
import { giveOrder } from "../../src/console/give-order.ts";
import type { IntentOutcome } from "../../src/console/intents.ts";
import { runIdSchema } from "../../src/protocol/ids.ts";
import { namesOf } from "../../src/protocol/names.ts";
import type { RunEvent } from "../../src/protocol/run-events.ts";

const runId = runIdSchema.parse("R1");
const names = namesOf("default");
const view = {
  kind: "given" as const,
  address: "redis://there:6379",
  namespace: "default",
  health: "live" as const,
  ...{ healthSince: 0, gaps: 0, late: 0, duplicate: 0, unparsable: 0 },
};
const paused: RunEvent = { type: "pause-requested", at: 1, commandId: "mine" };
const refused = (more: object): RunEvent => ({
  type: "command-refused",
  at: 1,
  commandId: "mine",
  reason: { kind: "rejected", message: "not now" },
  ...more,
});

/** A bus that takes commands and has the log of one run. */
class FakeBus {
  readonly sent: string[] = [];
  readonly log: string[] = [];
  /** The run's version; null when the bus does not know the run. */
  version: string | null = "0";
  /** The command that is not answered any more. */
  silent: "hmget" | "evalsha" | "xrange" | undefined;

  async hmget(): Promise<(string | null)[]> {
    this.#answer("hmget");
    return [this.version, "{}", "{}"];
  }

  async evalsha(_hash: string, _count: number, ...rest: string[]): Promise<string> {
    this.#answer("evalsha");
    this.sent.push(rest.at(-1) ?? "");
    return "OK";
  }

  async xrange(_key: string, start: string): Promise<[string, string[]][]> {
    this.#answer("xrange");
    const from = Number.parseInt(start, 10);
    return this.log
      .map((text, index): [string, string[]] => [`${index + 1}-0`, ["d", text]])
      .slice(from - 1);
  }

  #answer(command: FakeBus["silent"]): void {
    if (command === this.silent) throw new Error("Command timed out");
  }

  append(event: RunEvent): void {
    const seq = this.log.length + 1;
    this.log.push(
      JSON.stringify({
        specversion: "1.0",
        id: `R1.${seq}`,
        source: "box:orchestrator:0",
        type: "aimie.run-event.v1",
        time: "2026-11-22T09:30:00Z",
        via: "stream",
        data: { runId, seq, event },
      }),
    );
  }
}

let bus: FakeBus;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "performance"] });
  bus = new FakeBus();
});
afterEach(() => {
  vi.useRealTimers();
});

function order(): Promise<IntentOutcome> {
  const command = { type: "pause-run", commandId: "mine", runId } as const;
  const connection = bus as unknown as RedisConnection;
  return giveOrder({ command: connection, names, bus: view }, command);
}

describe("an order to a run", () => {
  test("is sent once, and done when the run's log has it", async () => {
    const outcome = order();
    await vi.advanceTimersByTimeAsync(200);
    bus.append(paused);
    await vi.advanceTimersByTimeAsync(200);
    expect(await outcome).toEqual({ ok: true, runId });
    expect(bus.sent.map((text) => JSON.parse(text).commandId)).toEqual(["mine"]);
  });

  test.each<[what: string, event: RunEvent, outcome: object]>([
    [
      "in this state of the run",
      refused({}),
      { code: "usage", message: "not now", nextStep: "look at the run again" },
    ],
    [
      "because the run has moved on",
      refused({
        conflict: true,
        reason: { kind: "rejected", message: "not now", nextStep: "look at the new plan" },
      }),
      { code: "conflict", message: "not now", nextStep: "look at the new plan" },
    ],
  ])("tells why it was refused %s", async (_, event, outcome) => {
    bus.append(event);
    expect(await order()).toEqual({ ok: false, ...outcome });
  });

  test("is not taken for done by another's order, nor by what cannot be read", async () => {
    const outcome = order();
    bus.append({ ...paused, commandId: "theirs" });
    bus.append({ type: "retry-due", at: 1, stepKey: "qna", attempt: 1 } as RunEvent);
    await vi.advanceTimersByTimeAsync(200);
    bus.log.push("not a message");
    bus.append(refused({}));
    await vi.advanceTimersByTimeAsync(200);
    expect(await outcome).toMatchObject({ ok: false, code: "usage" });
  });

  test("looks only at what came after it", async () => {
    bus.append(paused); // An order of the same name, long done.
    bus.version = "1";
    const outcome = order();
    await vi.advanceTimersByTimeAsync(200);
    bus.append(refused({}));
    await vi.advanceTimersByTimeAsync(200);
    expect(await outcome).toMatchObject({ ok: false });
  });

  test("to a run that the bus does not know yet is answered all the same", async () => {
    bus.version = null;
    bus.append(paused);
    expect(await order()).toEqual({ ok: true, runId });
  });

  test.each([
    ["hmget", "nothing was changed", "try again"],
    ["evalsha", "may have been carried out or not", "before you ask again"],
    ["xrange", "has arrived, and what becomes of it is not known yet", "look at the run"],
  ] as const)(
    "that meets a bus without an answer to %s tells what may have happened",
    async (...args) => {
      const [command, consequence, nextStep] = args;
      bus.silent = command;
      const problem = await order().catch((cause: unknown) => cause);
      expect(problem).toBeInstanceOf(OperatorError);
      expect(problem).toMatchObject({
        code: "bus-unreachable",
        message: expect.stringMatching(`Redis at redis://there:6379 .*timed out.*${consequence}`),
        nextStep: expect.stringContaining(nextStep),
      });
    },
  );

  test("that nobody answers is given up, and says what to do", async () => {
    const outcome = order();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(await outcome).toMatchObject({
      ok: false,
      code: "timeout",
      nextStep: expect.stringContaining("--agents auto"),
    });
  });
});
