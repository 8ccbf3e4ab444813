import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { SimulationOutput } from "../../src/protocol/agent-data.ts";
import { failureSchema } from "../../src/protocol/failure.ts";
import { folderArtifactStore } from "../../src/session/artifact-store.ts";
import { epidemicOutput, epidemicParquet, stepEpidemic } from "../qna-bank/epidemic.ts";

const PROGRAM = resolve("src/agents/qna/tools/mcp-server.ts");
const QUESTION = "What is the peak of infectious, and when does it occur?";
const epidemic = stepEpidemic();
const parquet = epidemicParquet(epidemic);
const simulation: SimulationOutput = epidemicOutput(epidemic, parquet);
let folder: string;
let client: Client;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "qna-tools-"));
  const { name, mediaType } = simulation.data;
  await folderArtifactStore(folder).put(parquet, { name, mediaType });
  client = new Client({ name: "test", version: "1.0.0" });
  const args = [PROGRAM, JSON.stringify({ artifactFolder: folder })];
  await client.connect(new StdioClientTransport({ command: process.execPath, args }));
});
afterEach(async () => {
  await client.close();
  await rm(folder, { recursive: true, force: true });
});

const ask = (question: string, of = simulation) =>
  client.callTool({ name: "answer_question", arguments: { question, simulation: of } });

test("offers its tools with schemas, all of them read-only", async () => {
  const { tools } = await client.listTools();
  const names = ["answer_question", "describe_run", "list_questions", "query_table"];
  expect(tools.map(({ name }) => name).sort()).toEqual(names);
  expect(tools.every(({ annotations }) => annotations?.readOnlyHint)).toBe(true);
  for (const tool of tools) expect(tool.outputSchema).toMatchObject({ type: "object" });
});

test("answers with structured content and reports its progress", async () => {
  const progress: number[] = [];
  const result = await client.callTool(
    { name: "answer_question", arguments: { question: QUESTION, simulation } },
    { onprogress: (step) => progress.push(step.progress) },
  );
  expect(result.structuredContent).toMatchObject({
    status: "answered",
    question: QUESTION,
    value: Math.max(...epidemic.columns["infectious"]!),
    unit: "people",
  });
  expect(progress.length).toBeGreaterThanOrEqual(2);
  expect(progress).toEqual([...progress].sort((left, right) => left - right));
});

test("abstains as a success", async () => {
  const result = await ask("What is the meaning of life?");
  expect(result.isError ?? false).toBe(false);
  expect(result.structuredContent).toMatchObject({ status: "abstained", value: null, sql: null });
});

test("lists questions that it then answers", async () => {
  const listed = await client.callTool({ name: "list_questions", arguments: { simulation } });
  const { questions } = listed.structuredContent as { questions: string[] };
  const answers = await Promise.all(questions.map((question) => ask(question)));
  expect(answers.map(({ structuredContent }) => structuredContent)).toMatchObject(
    questions.map((question) => ({ status: "answered", question })),
  );
});

test("describes the run and queries its table", async () => {
  const described = await client.callTool({ name: "describe_run", arguments: { simulation } });
  expect(described.structuredContent).toMatchObject({
    table: "simulation",
    columns: expect.arrayContaining(["time", "infectious"]),
    stopTime: simulation.stopTime,
  });
  const sql = "SELECT time, infectious FROM simulation ORDER BY infectious DESC";
  const found = await client.callTool({ name: "query_table", arguments: { simulation, sql } });
  const { columns, rows, isCut } = found.structuredContent as {
    columns: string[];
    rows: number[][];
    isCut: boolean;
  };
  expect({ columns, isCut, count: rows.length }).toEqual({
    columns: ["time", "infectious"],
    isCut: true,
    count: 50,
  });
  expect(rows[0]?.[1]).toBe(Math.max(...epidemic.columns["infectious"]!));
  const wrong = await client.callTool({
    name: "query_table",
    arguments: { simulation, sql: "SELECT nothing FROM simulation" },
  });
  expect(wrong.isError).toBe(true);
});

test("reports missing and damaged data as an invalid input", async () => {
  const path = folderArtifactStore(folder).pathOf(simulation.data);
  await writeFile(path, "damaged");
  expect(await failureOfAsking()).toMatchObject({ kind: "invalid-input", nextStep: /Rerun/u });
  await rm(path);
  expect((await failureOfAsking()).message).toContain("missing");
});

async function failureOfAsking() {
  const result = await ask(QUESTION);
  expect(result.isError).toBe(true);
  const [content] = result.content;
  return failureSchema.parse(JSON.parse(content?.type === "text" ? content.text : ""));
}

test("goes on serving after a call was cancelled", async () => {
  const abort = new AbortController();
  const cancelled = client.callTool(
    { name: "answer_question", arguments: { question: QUESTION, simulation } },
    { signal: abort.signal },
  );
  abort.abort();
  await expect(cancelled).rejects.toThrow();
  expect((await ask(QUESTION)).structuredContent).toMatchObject({ status: "answered" });
});

test("refuses bad arguments without dying", async () => {
  const result = await client.callTool({ name: "answer_question", arguments: { question: 1 } });
  expect(result.isError).toBe(true);
  expect((await ask(QUESTION)).isError ?? false).toBe(false);
});

test("exits when its stdin closes", async () => {
  const args = [PROGRAM, JSON.stringify({ artifactFolder: folder })];
  const server = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
  server.stdin.end();
  expect((await once(server, "exit"))[0]).toBe(0);
});

test("says what is wrong with its configuration and exits", async () => {
  const server = spawn(process.execPath, [PROGRAM, "{}"], { stdio: ["ignore", "pipe", "pipe"] });
  const said: Buffer[] = [];
  server.stderr.on("data", (chunk: Buffer) => said.push(chunk));
  expect((await once(server, "close"))[0]).toBe(2);
  expect(Buffer.concat(said).toString()).toContain("artifactFolder");
});
