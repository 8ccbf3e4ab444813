import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { answerQuestionTool } from "../../src/agents/qna/tools/tool-logic.ts";
import { runSimulationTool } from "../../src/agents/simulation/tools/tool-logic.ts";
import type { SimulationOutput } from "../../src/protocol/agent-data.ts";

const root = join(import.meta.dirname, "../..");
const entry = z.object({
  model: z.string(),
  question: z.string(),
  /** The number, made by test/qna-bank/expected.py; null for "never". */
  expected: z.number().nullable(),
});
const bank = z
  .array(entry)
  .parse(JSON.parse(readFileSync(join(root, "test/qna-bank/expected.json"), "utf8")));

/** What must not be answered: another question in the same words, or one the run cannot tell. */
const REFUSED: Readonly<Record<string, readonly string[]>> = {
  "predator-prey": [
    "When does prey fall below 2 again?", // The second time, not the first.
    "When is the second peak of prey?",
    "How many peaks does prey have?",
    "How often does prey fall below 2?",
    "Does prey ever exceed 8000 animals?", // It is counted in thousands of them.
    "How long is prey mostly above 2?",
    "Do the predators die out?",
    "What is the period of the oscillation?",
  ],
  sir: [
    "How many people get infected?",
    "How many people are left?",
    "When is the epidemic over?",
    "What is susceptible at the end of day 30?",
    "What is infectious around day 30?",
    "How high does infectious get and when was susceptible lowest?",
    "How high does infectious get above 50?",
    "Are there ever more infectious than wolves?",
    "What would happen if the contact rate were 4?",
    "What is the peak in degrees of infectious?",
    "How many weeks until infectious doubles?",
    "How many weeks does infectious spend above 500?",
    "Which week is the peak of infectious?",
    "Peak week of infectious",
    "When does infectious double on day 30?",
    "When is infectious 500 wolves?",
    "When is infectious 5 times recovered?",
    "How many times larger is infectious on day 20 than on week 10?",
  ],
  "supply-chain": ["When does inventory return to 300?", "Will the inventory ever run out?"],
  "cooling-cup": [
    "What is the temperature after half an hour?",
    "What is the temperature after 600 seconds?",
    "What is the temperature in people after 10 minutes?",
  ],
  "queueing-station": ["How many servers are idle at the end?"],
  "option-price": ["What is the price after 6 months?", "Should I buy the option?"],
};

const artifactFolder = mkdtempSync(join(tmpdir(), "bank-"));
afterAll(() => rmSync(artifactFolder, { recursive: true, force: true }));

describe.each([...new Set(bank.map(({ model }) => model))])("of a run of %s", (model) => {
  let simulation: SimulationOutput;
  beforeAll(async () => {
    const config = { artifactFolder, modelFolders: [join(root, "models")] };
    const ran = await runSimulationTool({ model, parameters: {} }, { config });
    if (!ran.ok) throw new Error(ran.error.message);
    simulation = ran.value;
  });

  const ask = async (question: string) => {
    const context = {
      config: { artifactFolder },
      onProgress: () => undefined,
      signal: new AbortController().signal,
    };
    const answered = await answerQuestionTool({ question, simulation }, context);
    return answered.ok ? answered.value : undefined;
  };

  test.each(REFUSED[model] ?? [])("refuses: %s", async (question) => {
    expect(await ask(question)).toMatchObject({ status: "abstained", value: null });
  });

  test.each(bank.filter((one) => one.model === model))("$question", async (asked) => {
    const said = await ask(asked.question);
    expect(said?.status, said?.answer).toBe("answered");
    if (asked.expected === null) expect(said?.value).toBeNull();
    else expect(said?.value, said?.answer).toBeCloseTo(asked.expected, 8);
  });
});
