import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Answer, answerQuestion } from "../../src/engines/analyst/analyst.ts";
import { openSandbox, type Sandbox } from "../../src/engines/analyst/duckdb-sandbox.ts";
import { suggestQuestions } from "../../src/engines/analyst/suggest.ts";
import { type AnalystTable, tableOf } from "../../src/engines/analyst/table.ts";
import { epidemicOutput, epidemicParquet, stepEpidemic } from "../qna-bank/epidemic.ts";
import { ANSWERABLE, UNANSWERABLE } from "../qna-bank/questions.ts";

const epidemic = stepEpidemic();
const parquet = epidemicParquet(epidemic);
const table: AnalystTable = tableOf(epidemicOutput(epidemic, parquet));
let folder: string;
let sandbox: Sandbox;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bank-"));
  await writeFile(join(folder, "run.parquet"), parquet);
  sandbox = await openSandbox(folder);
});
afterAll(async () => {
  sandbox.close();
  await rm(folder, { recursive: true, force: true });
});

async function ask(question: string): Promise<Answer> {
  const answer = await answerQuestion({ question }, table, async (sql) => {
    const dataPath = join(folder, "run.parquet");
    return await sandbox.queryRow({ sql, tableName: "simulation", dataPath });
  });
  if (!answer.ok) throw new Error(answer.error.message);
  return answer.value;
}

describe("answers with the number computed from the columns", () => {
  test.each(ANSWERABLE)("$question", async ({ question, expected }) => {
    const answer = await ask(question);
    expect(answer.status, answer.answer).toBe("answered");
    if (answer.status !== "answered") return;
    const number = expected(epidemic);
    if (number === null) expect(answer.value).toBeNull();
    else expect(answer.value).toBeCloseTo(number, 8);
  });
});

describe("refuses, with something to ask instead", () => {
  test.each(UNANSWERABLE)("%j", async (question) => {
    const answer = await ask(question);
    expect(answer.status, answer.answer).toBe("abstained");
    expect(answer.answer).toMatch(/^I can't answer that\. .*I can tell you: /u);
  });
});

test("answers every question it suggests", async () => {
  const suggestions = suggestQuestions(table);
  expect(suggestions.length).toBeGreaterThanOrEqual(5);
  for (const question of suggestions) expect((await ask(question)).status).toBe("answered");
});
