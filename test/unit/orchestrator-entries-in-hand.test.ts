import { describe, expect, test } from "vitest";
import { holdEntries } from "../../src/agents/orchestrator/entries-in-hand.ts";
import { deferred } from "../support/deferred.ts";

/** A piece of work that ends when it is told to. */
function work() {
  const { promise, resolve, reject } = deferred();
  let begun = false;
  return {
    begin: () => {
      begun = true;
      return promise;
    },
    hasBegun: () => begun,
    finish: resolve,
    fail: reject,
  };
}

/** Lets everything that can go on go on. */
async function settle(): Promise<void> {
  await new Promise(setImmediate);
}

describe("entries in hand", () => {
  test("work of one lane is done one after the other, that of others beside it", async () => {
    const inHand = holdEntries(10);
    const [first, second, other] = [work(), work(), work()];
    inHand.take("a", first.begin);
    inHand.take("a", second.begin);
    inHand.take("b", other.begin);

    expect([first, second, other].map((one) => one.hasBegun())).toEqual([true, false, true]);

    first.finish();
    await settle();
    expect(second.hasBegun()).toBe(true);
  });

  test("what comes after a failure in its lane is done all the same", async () => {
    const inHand = holdEntries(10);
    const [first, second] = [work(), work()];
    inHand.take("a", first.begin);
    inHand.take("a", second.begin);

    first.fail(new Error("no"));
    await settle();

    expect(second.hasBegun()).toBe(true);
  });

  test("there is room until the limit, and again when something is done", async () => {
    const inHand = holdEntries(2);
    const [first, second] = [work(), work()];
    inHand.take("a", first.begin);
    expect(inHand.room()).toBe(1);
    inHand.take("b", second.begin);
    expect(inHand.room()).toBe(0);

    let isRoom = false;
    const waiting = inHand.untilRoom().then(() => {
      isRoom = true;
    });
    await settle();
    expect(isRoom).toBe(false);

    second.finish();
    await waiting;
    expect(inHand.room()).toBe(1);
  });

  test("a failure is told once, by whichever wait comes first", async () => {
    const inHand = holdEntries(2);
    const [first, second] = [work(), work()];
    inHand.take("a", first.begin);
    inHand.take("b", second.begin);
    first.fail(new Error("first"));
    second.fail(new Error("second"));

    await expect(inHand.untilIdle()).rejects.toThrow("first");
    await expect(inHand.untilIdle()).resolves.toBeUndefined();
    await expect(inHand.untilRoom()).resolves.toBeUndefined();
  });

  test("nothing in hand is idle at once", async () => {
    await expect(holdEntries(1).untilIdle()).resolves.toBeUndefined();
  });
});
