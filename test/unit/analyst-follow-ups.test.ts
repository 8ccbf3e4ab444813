/** Conversations: what a question leaves out is taken from the one before, or it is not answered. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import type { SimulatedModels } from "../support/simulated-models.ts";
import { bankEntrySchema, simulateModels } from "../support/simulated-models.ts";

const file = join(import.meta.dirname, "../qna-bank/follow-ups.json");
const sets = z
  .object({ first: z.array(bankEntrySchema), second: z.array(bankEntrySchema) })
  .parse(JSON.parse(readFileSync(file, "utf8")));

let models: SimulatedModels;
beforeAll(async () => {
  models = await simulateModels([...sets.first, ...sets.second].map(({ model }) => model));
}, 120_000);
afterAll(() => models.remove());

/** How many of those with a number are answered: a floor, raised as the analyst learns. */
const ANSWERED_AT_LEAST = { first: 23, second: 21 };

describe.each(["first", "second"] as const)("the %s set of conversations", (name) => {
  test("has no wrong answer, and most of what can be told is told", async () => {
    const grades = await models.grade(sets[name]);
    if (process.env["SHOW_GRADES"] === name) process.stderr.write(JSON.stringify(grades, null, 1));
    expect(grades.wrong).toEqual([]);
    expect(grades.correct.length).toBeGreaterThanOrEqual(ANSWERED_AT_LEAST[name]);
  }, 120_000);
});

test("says which question it went on from", async () => {
  const earlier = ["What is the peak of infectious?"];
  const { how } = await models.ask({ model: "sir", question: "and its time?", earlier });
  expect(how).toMatch(/^Read as going on from “What is the peak of infectious\?”\. /);
});

test("a question that says all by itself is read by itself", async () => {
  const question = { model: "sir", question: "What is recovered at day 30?" };
  const after = await models.ask({ ...question, earlier: ["What is the peak of infectious?"] });
  expect(after).toEqual(await models.ask({ ...question, earlier: [] }));
});
