import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { answerQuestionTool } from "../../src/agents/qna/tools/tool-logic.ts";
import { runSimulationTool } from "../../src/agents/simulation/tools/tool-logic.ts";
import type { SimulationOutput } from "../../src/protocol/agent-data.ts";

const root = join(import.meta.dirname, "../..");
const asked = { model: z.string(), question: z.string() };
const entry = z.union([
  z.object({ ...asked, refused: z.literal(true) }),
  /** The number, made by test/qna-bank/expected.py; null for "never". */
  z.object({ ...asked, expected: z.number().nullable() }),
]);
type Entry = z.infer<typeof entry>;
const sets = z
  .object({ first: z.array(entry), second: z.array(entry), third: z.array(entry) })
  .parse(JSON.parse(readFileSync(join(root, "test/qna-bank/strangers.json"), "utf8")));

const artifactFolder = mkdtempSync(join(tmpdir(), "strangers-"));
const runs = new Map<string, SimulationOutput>();

beforeAll(async () => {
  for (const model of new Set(sets.first.map((one) => one.model))) {
    const config = { artifactFolder, modelFolders: [join(root, "models")] };
    const ran = await runSimulationTool({ model, parameters: {} }, { config });
    if (!ran.ok) throw new Error(ran.error.message);
    runs.set(model, ran.value);
  }
}, 120_000);
afterAll(() => rmSync(artifactFolder, { recursive: true, force: true }));

/** Whether the answer is right, wrong, or there is none; for what cannot be told, any is wrong. */
async function grade(one: Entry): Promise<"correct" | "wrong" | "abstained" | "refused"> {
  const simulation = runs.get(one.model);
  if (simulation === undefined) throw new Error(`no run of ${one.model}`);
  const context = {
    config: { artifactFolder },
    onProgress: () => undefined,
    signal: new AbortController().signal,
  };
  const answered = await answerQuestionTool({ question: one.question, simulation }, context);
  if (!answered.ok) throw new Error(answered.error.message);
  const { status, value } = answered.value;
  if (status !== "answered") return "refused" in one ? "refused" : "abstained";
  if ("refused" in one) return "wrong";
  if (value === null || one.expected === null) return value === one.expected ? "correct" : "wrong";
  const tolerance = 1e-8 * Math.max(1, Math.abs(one.expected));
  return Math.abs((value ?? Number.NaN) - one.expected) <= tolerance ? "correct" : "wrong";
}

/** How many of those with a number are answered: a floor, raised as the analyst learns. */
const ANSWERED_AT_LEAST = { first: 72, second: 39, third: 20 };

describe.each(["first", "second", "third"] as const)(
  "the %s set of questions by strangers",
  (name) => {
    test("has no wrong answer, and most of what can be told is told", async () => {
      const grades: Record<string, string[]> = {
        correct: [],
        wrong: [],
        abstained: [],
        refused: [],
      };
      for (const one of sets[name]) grades[await grade(one)]?.push(`${one.model}: ${one.question}`);
      if (process.env["SHOW_GRADES"] === name)
        process.stderr.write(JSON.stringify(grades, null, 1));
      expect(grades["wrong"]).toEqual([]);
      expect(grades["correct"]?.length).toBeGreaterThanOrEqual(ANSWERED_AT_LEAST[name]);
    }, 120_000);
  },
);
