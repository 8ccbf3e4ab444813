import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import type { SimulatedModels } from "../support/simulated-models.ts";
import { bankEntrySchema, simulateModels } from "../support/simulated-models.ts";

const file = join(import.meta.dirname, "../qna-bank/strangers.json");
const entries = z.array(bankEntrySchema);
const sets = z
  .object({ first: entries, second: entries, third: entries })
  .parse(JSON.parse(readFileSync(file, "utf8")));

let models: SimulatedModels;
beforeAll(async () => {
  models = await simulateModels(sets.first.map(({ model }) => model));
}, 120_000);
afterAll(() => models.remove());

/** How many of those with a number are answered: a floor, raised as the analyst learns. */
const ANSWERED_AT_LEAST = { first: 72, second: 39, third: 20 };

describe.each(["first", "second", "third"] as const)(
  "the %s set of questions by strangers",
  (name) => {
    test("has no wrong answer, and most of what can be told is told", async () => {
      const grades = await models.grade(sets[name]);
      if (process.env["SHOW_GRADES"] === name)
        process.stderr.write(JSON.stringify(grades, null, 1));
      expect(grades.wrong).toEqual([]);
      expect(grades.correct.length).toBeGreaterThanOrEqual(ANSWERED_AT_LEAST[name]);
    }, 120_000);
  },
);
