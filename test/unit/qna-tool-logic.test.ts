import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readQnaToolConfig } from "../../src/agents/qna/tools/config.ts";
import { answerQuestionTool } from "../../src/agents/qna/tools/tool-logic.ts";
import { qnaOutputSchema } from "../../src/protocol/agent-data.ts";
import { folderArtifactStore } from "../../src/session/artifact-store.ts";
import { epidemicOutput, epidemicParquet, stepEpidemic } from "../qna-bank/epidemic.ts";

const epidemic = stepEpidemic();
const parquet = epidemicParquet(epidemic);
const simulation = epidemicOutput(epidemic, parquet);
let artifactFolder: string;
let progress: number[];
beforeEach(async () => {
  artifactFolder = await mkdtemp(join(tmpdir(), "qna-logic-"));
  const { name, mediaType } = simulation.data;
  await folderArtifactStore(artifactFolder).put(parquet, { name, mediaType });
  progress = [];
});
afterEach(() => rm(artifactFolder, { recursive: true, force: true }));

const ask = (question: string, signal = new AbortController().signal) =>
  answerQuestionTool(
    { question, simulation },
    { config: { artifactFolder }, onProgress: (fraction) => progress.push(fraction), signal },
  );

test("answers with the number, its unit, the way it was computed and the query", async () => {
  const result = await ask("What is the peak of infectious, and when does it occur?");
  const peak = Math.max(...epidemic.columns["infectious"]!);
  const output = qnaOutputSchema.parse(result.ok ? result.value : undefined);
  expect(output).toMatchObject({ status: "answered", value: peak, unit: "people" });
  expect(output.answer).toMatch(/^“infectious” peaks at [\d.]+ people at day [\d.]+\.$/u);
  expect(output.sql).toContain('SELECT "infectious" AS value');
  expect(output.how).not.toBe("");
  expect(progress).toEqual([0.1, 0.4, 0.6, 1]);
});

test("counts an abstention as a success", async () => {
  const result = await ask("Who is to blame?");
  const output = qnaOutputSchema.parse(result.ok ? result.value : undefined);
  expect(output).toMatchObject({ status: "abstained", value: null, sql: null });
  expect(output.suggestions.length).toBeGreaterThan(0);
});

test("answers from the run's parameters without a query", async () => {
  const result = await ask("What is the contact infectivity?");
  expect(result).toMatchObject({ ok: true, value: { value: 0.3, sql: null } });
});

test("fails on data that is missing or damaged, and says what to do", async () => {
  const path = folderArtifactStore(artifactFolder).pathOf(simulation.data);
  await writeFile(path, "damaged");
  expect(await ask("anything")).toMatchObject({
    ok: false,
    error: { kind: "invalid-input", message: expect.stringContaining("damaged") },
  });
  await rm(path);
  expect(await ask("anything")).toMatchObject({
    ok: false,
    error: { kind: "invalid-input", nextStep: expect.stringContaining("Rerun") },
  });
});

test("ends as cancelled when it is aborted, before or during the query", async () => {
  const before = await ask("What is the peak of infectious?", AbortSignal.abort());
  expect(before).toMatchObject({ ok: false, error: { kind: "cancelled" } });
  const abort = new AbortController();
  const during = await answerQuestionTool(
    { question: "What is the peak of infectious?", simulation },
    {
      config: { artifactFolder },
      onProgress: (fraction) => fraction > 0.5 && abort.abort(),
      signal: abort.signal,
    },
  );
  expect(during).toMatchObject({ ok: false, error: { kind: "cancelled" } });
});

test("reads its configuration from one JSON argument", () => {
  expect(readQnaToolConfig('{"artifactFolder":"/a"}')).toEqual({
    ok: true,
    value: { artifactFolder: "/a" },
  });
  for (const argument of [undefined, "", "{", "{}", '{"artifactFolder":1}', "[]"]) {
    expect(readQnaToolConfig(argument).ok).toBe(false);
  }
});
