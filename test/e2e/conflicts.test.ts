/** Orders of several consoles to one run: one is carried out, whoever came too late is told so. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { Ended } from "../support/ending.ts";
import { GATED } from "../support/gated-flow.ts";
import type { Place } from "../support/product.ts";
import {
  BROKERS,
  newPlace,
  parseRun,
  runProduct,
  startProduct,
  stepOf,
} from "../support/product.ts";

const json = ["--output", "json"];

/** The hash of the plan that a process of its own prints. */
async function planHashOf(place: Place, words: readonly string[]): Promise<string> {
  const planned = await runProduct(place, ["plan", "@latest", ...words, ...json]);
  expect(planned).toMatchObject({ code: 0, stderr: "" });
  return z.looseObject({ planHash: z.string() }).parse(JSON.parse(planned.stdout)).planHash;
}

const conflictOf = ({ code, stdout, stderr }: Ended): unknown => ({
  code,
  stdout,
  ...z.looseObject({}).parse(JSON.parse(stderr)),
});

const STALE_PLAN = {
  message: "the run has moved on since this plan was made",
  nextStep: "look at the new plan",
};

describe.each(BROKERS)("on the %s broker", (broker) => {
  test("6: a plan that was made before the run moved on", async () => {
    const place = newPlace(broker);
    expect((await runProduct(place, ["run"])).code).toBe(0);
    const again = ["--from", "viz"];
    const fork = ["--set", "parameters.contact_rate=9"];
    const hash = await planHashOf(place, again);
    const forkHash = await planHashOf(place, fork);
    expect((await runProduct(place, ["rerun", "@latest", ...again])).code).toBe(0);

    for (const [words, stale] of [
      [again, hash],
      [fork, forkHash],
    ] as const) {
      const late = ["rerun", "@latest", ...words, "--plan-hash", stale];
      const refused = await runProduct(place, late);
      expect(refused.code).toBe(6);
      expect(refused.stderr).toContain(STALE_PLAN.message);
      // Text shows the plan of now, JSON one line of what went wrong.
      expect(refused.stdout).toMatch(/^plan: /);
      const refusedJson = await runProduct(place, [...late, ...json]);
      expect(conflictOf(refusedJson)).toMatchObject({
        stdout: "",
        code: "conflict",
        ...STALE_PLAN,
      });
    }
    const fresh = await planHashOf(place, again);
    const done = ["rerun", "@latest", ...again, "--plan-hash", fresh, ...json];
    const ended = await runProduct(place, done);
    expect(ended).toMatchObject({ code: 0, stderr: "" });
    expect(stepOf(parseRun(ended.stdout), "viz").attempt).toBe(3);
  });

  test("two consoles that carry out one plan at once: one does, the other is in conflict", async () => {
    const place = newPlace(broker);
    const crew = startProduct(place, ["up"]);
    expect((await runProduct(place, ["run"])).code).toBe(0);
    const again = ["--from", "viz"];
    const planHash = await planHashOf(place, again);
    const order = ["rerun", "@latest", ...again, "--plan-hash", planHash, ...json];

    const ended = await Promise.all([runProduct(place, order), runProduct(place, order)]);

    const codes = ended.map(({ code }) => code).sort();
    expect(codes).toEqual([0, 6]);
    const late = ended.find(({ code }) => code === 6);
    expect(late && conflictOf(late)).toMatchObject({ code: "conflict", ...STALE_PLAN });
    const shown = await runProduct(place, ["show", "@latest", ...json]);
    expect(stepOf(parseRun(shown.stdout), "viz").attempt).toBe(2);
    crew.child.kill("SIGTERM");
    await crew.ended;
  });

  test("two consoles that answer one question at once: the second is told that it is answered", async () => {
    const place = newPlace(broker);
    writeFileSync(join(place.work, "gated.yaml"), GATED);
    const crew = startProduct(place, ["up"]);
    expect((await runProduct(place, ["run", "gated.yaml"])).code).toBe(5);
    const approve = ["approve", "@latest", "viz", ...json];

    const ended = await Promise.all([
      runProduct(place, approve),
      runProduct(place, [...approve, "--reject", "no"]),
    ]);

    const refused = ended.filter(({ code }) => code === 6);
    expect(refused.map(conflictOf)).toMatchObject([
      {
        code: "conflict",
        stdout: "",
        message: expect.stringContaining("does not wait for approval"),
      },
    ]);
    crew.child.kill("SIGTERM");
    await crew.ended;
  });
});

test("a hash that no plan has is refused before anything is looked at", async () => {
  const refused = await runProduct(newPlace(), [
    "rerun",
    "@latest",
    "--plan-hash",
    "soon",
    ...json,
  ]);
  expect(refused).toMatchObject({ code: 2, stdout: "" });
  expect(refused.stderr).toContain("--plan-hash is the planHash that plan");
});
