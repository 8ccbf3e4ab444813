/** Runs of the shipped models to ask questions of, and how an answer is judged. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { answerQuestionTool } from "../../src/agents/qna/tools/tool-logic.ts";
import { runSimulationTool } from "../../src/agents/simulation/tools/tool-logic.ts";
import type { QnaInput, QnaOutput, SimulationOutput } from "../../src/protocol/agent-data.ts";

const root = join(import.meta.dirname, "../..");
const asked = {
  model: z.string(),
  question: z.string(),
  earlier: z.array(z.string()).default([]),
};

/** A question of the bank, with its number or that the run cannot tell. */
export const bankEntrySchema = z.union([
  z.object({ ...asked, refused: z.literal(true) }),
  /** The number, made by test/qna-bank/expected.py; null for "never". */
  z.object({ ...asked, expected: z.number().nullable() }),
]);
export type BankEntry = z.infer<typeof bankEntrySchema>;

/** Models that have been run. */
export interface SimulatedModels {
  ask(entry: Pick<BankEntry, "model" | "question" | "earlier">): Promise<QnaOutput>;
  /** The entries by what became of them, as texts; for what cannot be told, any answer is wrong. */
  grade(entries: readonly BankEntry[]): Promise<Readonly<Record<Grade, readonly string[]>>>;
  remove(): void;
}

type Grade = "correct" | "wrong" | "abstained" | "refused";

/** Runs models as they are shipped. */
export async function simulateModels(models: Iterable<string>): Promise<SimulatedModels> {
  const artifactFolder = mkdtempSync(join(tmpdir(), "asked-"));
  const runs = new Map<string, SimulationOutput>();
  for (const model of new Set(models)) {
    const config = { artifactFolder, modelFolders: [join(root, "models")] };
    const ran = await runSimulationTool({ model, parameters: {} }, { config });
    if (!ran.ok) throw new Error(ran.error.message);
    runs.set(model, ran.value);
  }
  const ask: SimulatedModels["ask"] = async ({ model, question, earlier }) => {
    const simulation = runs.get(model);
    if (simulation === undefined) throw new Error(`no run of ${model}`);
    const input: QnaInput = { question, earlier, simulation };
    const answered = await answerQuestionTool(input, {
      config: { artifactFolder },
      onProgress: () => undefined,
      signal: new AbortController().signal,
    });
    if (!answered.ok) throw new Error(answered.error.message);
    return answered.value;
  };
  return {
    ask,
    async grade(entries) {
      const grades: Record<Grade, string[]> = {
        correct: [],
        wrong: [],
        abstained: [],
        refused: [],
      };
      for (const one of entries) {
        const text = `${one.model}: ${[...one.earlier, one.question].join(" | ")}`;
        grades[gradeOf(one, await ask(one))].push(text);
      }
      return grades;
    },
    remove: () => rmSync(artifactFolder, { recursive: true, force: true }),
  };
}

function gradeOf(entry: BankEntry, { status, value }: QnaOutput): Grade {
  if (status !== "answered") return "refused" in entry ? "refused" : "abstained";
  if ("refused" in entry) return "wrong";
  const { expected } = entry;
  if (value === null || expected === null) return value === expected ? "correct" : "wrong";
  const tolerance = 1e-8 * Math.max(1, Math.abs(expected));
  return Math.abs(value - expected) <= tolerance ? "correct" : "wrong";
}
