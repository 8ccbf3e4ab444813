/** Conversations: what a question leaves out is taken from the one before, or it is not answered. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { answerQuestionTool } from "../../src/agents/qna/tools/tool-logic.ts";
import { runSimulationTool } from "../../src/agents/simulation/tools/tool-logic.ts";
import type { QnaOutput, SimulationOutput } from "../../src/protocol/agent-data.ts";

const root = join(import.meta.dirname, "../..");
const asked = { model: z.string(), question: z.string(), earlier: z.array(z.string()) };
const entry = z.union([
  z.object({ ...asked, refused: z.literal(true) }),
  /** The number, made by test/qna-bank/expected.py; null for "never". */
  z.object({ ...asked, expected: z.number().nullable() }),
]);
type Entry = z.infer<typeof entry>;
const sets = z
  .object({ first: z.array(entry), second: z.array(entry) })
  .parse(JSON.parse(readFileSync(join(root, "test/qna-bank/follow-ups.json"), "utf8")));

const artifactFolder = mkdtempSync(join(tmpdir(), "follow-ups-"));
const runs = new Map<string, SimulationOutput>();

beforeAll(async () => {
  const models = [...sets.first, ...sets.second].map((one) => one.model);
  for (const model of new Set(models)) {
    const config = { artifactFolder, modelFolders: [join(root, "models")] };
    const ran = await runSimulationTool({ model, parameters: {} }, { config });
    if (!ran.ok) throw new Error(ran.error.message);
    runs.set(model, ran.value);
  }
}, 120_000);
afterAll(() => rmSync(artifactFolder, { recursive: true, force: true }));

async function answer({ model, question, earlier }: Omit<Entry, "expected">): Promise<QnaOutput> {
  const simulation = runs.get(model);
  if (simulation === undefined) throw new Error(`no run of ${model}`);
  const context = {
    config: { artifactFolder },
    onProgress: () => undefined,
    signal: new AbortController().signal,
  };
  const answered = await answerQuestionTool({ question, earlier, simulation }, context);
  if (!answered.ok) throw new Error(answered.error.message);
  return answered.value;
}

async function grade(one: Entry): Promise<"correct" | "wrong" | "abstained" | "refused"> {
  const { status, value } = await answer(one);
  if (status !== "answered") return "refused" in one ? "refused" : "abstained";
  if ("refused" in one) return "wrong";
  if (value === null || one.expected === null) return value === one.expected ? "correct" : "wrong";
  const tolerance = 1e-8 * Math.max(1, Math.abs(one.expected));
  return Math.abs(value - one.expected) <= tolerance ? "correct" : "wrong";
}

/** How many of those with a number are answered: a floor, raised as the analyst learns. */
const ANSWERED_AT_LEAST = { first: 23, second: 21 };

describe.each(["first", "second"] as const)("the %s set of conversations", (name) => {
  test("has no wrong answer, and most of what can be told is told", async () => {
    const grades: Record<string, string[]> = { correct: [], wrong: [], abstained: [], refused: [] };
    for (const one of sets[name]) {
      grades[await grade(one)]?.push([...one.earlier, one.question].join(" | "));
    }
    if (process.env["SHOW_GRADES"] === name) process.stderr.write(JSON.stringify(grades, null, 1));
    expect(grades["wrong"]).toEqual([]);
    expect(grades["correct"]?.length).toBeGreaterThanOrEqual(ANSWERED_AT_LEAST[name]);
  }, 120_000);
});

test("says which question it went on from", async () => {
  const earlier = ["What is the peak of infectious?"];
  const { how } = await answer({ model: "sir", question: "and its time?", earlier });
  expect(how).toMatch(/^Read as going on from “What is the peak of infectious\?”\. /);
});

test("a question that says all by itself is read by itself", async () => {
  const earlier = ["What is the peak of infectious?"];
  const question = "What is recovered at day 30?";
  const { how, value } = await answer({ model: "sir", question, earlier });
  expect(how).not.toContain("going on from");
  expect({ value }).toEqual({
    value: (await answer({ model: "sir", question, earlier: [] })).value,
  });
});
