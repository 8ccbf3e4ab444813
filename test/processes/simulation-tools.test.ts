import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { afterAll, beforeAll, expect, test } from "vitest";
import { decodeToolFailure } from "../../src/agents/runtime/tool-failure.ts";
import { simulationOutputSchema } from "../../src/protocol/agent-data.ts";
import { folderArtifactStore } from "../../src/session/artifact-store.ts";

const program = resolve("src/agents/simulation/tools/mcp-server.ts");
let folder: string;
let client: Client;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "simulation-tools-"));
  await writeFile(join(folder, "broken.xmile"), "<xmile>");
  client = await connect({ artifactFolder: folder, modelFolders: [folder, resolve("models")] });
});

afterAll(async () => {
  await client.close();
  await rm(folder, { recursive: true, force: true });
});

async function connect(config: unknown): Promise<Client> {
  const connected = new Client({ name: "test", version: "1.0.0" });
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [program, JSON.stringify(config)],
  });
  await connected.connect(transport);
  return connected;
}

const slow = { model: "sir", timeStep: 0.00025, method: "rk4" };

test("simulates a catalogued model into a Parquet table that another program reads", async () => {
  const result = await client.callTool({
    name: "run_simulation",
    arguments: { model: "sir", parameters: { contact_rate: 10 } },
  });
  const output = simulationOutputSchema.parse(result.structuredContent);
  expect(output.highlights).toEqual(["susceptible", "infectious", "recovered"]);
  expect(output.parameters["contact_rate"]).toBe(10);
  const r0 = output.variables.find(({ name }) => name === "r0");
  expect(r0?.final).toBeCloseTo(3, 12);
  const store = folderArtifactStore(folder);
  expect(await store.verify(output.data)).toBe("intact");
  const database = await DuckDBInstance.create(":memory:");
  const connection = await database.connect();
  const path = store.pathOf(output.data).replaceAll("'", "''");
  const reader = await connection.runAndReadAll(
    `SELECT count(*)::INT, max(time), max(infectious), max(peak_infectious),
       max(abs(susceptible + infectious + recovered - population)) FROM read_parquet('${path}')`,
  );
  const [rows, lastTime, peak, runningPeak, drift] = reader.getRows()[0] ?? [];
  connection.closeSync();
  expect(rows).toBe(output.data.rows);
  expect(lastTime).toBe(180);
  expect(runningPeak).toBe(peak);
  expect(Number(drift)).toBeLessThan(1e-8);
});

test("lists the models with their parameters, and says which cannot be run", async () => {
  const result = await client.callTool({ name: "list_models", arguments: {} });
  expect(result.structuredContent).toMatchObject({
    models: expect.arrayContaining([
      expect.objectContaining({ name: "broken", problem: expect.stringContaining("XML") }),
      expect.objectContaining({ name: "sir", title: "SIR epidemic", timeUnit: "Days" }),
      expect.objectContaining({ name: "supply-chain", title: "Supply chain", timeUnit: "Weeks" }),
    ]),
  });
});

test.each([
  [{ model: "sri" }, "invalid-input", "Did you mean sir?"],
  [{ model: "../models/sir" }, "invalid-input", "not the name of a model"],
  [{ model: "sir", parameters: { contactrate: 1 } }, "invalid-input", "contact_rate"],
  [{ model: "broken" }, "invalid-input", "not well-formed"],
  [{ model: "sir", method: "guess" }, "invalid-input", "method"],
])("answers the wrong input %j with a failure that says why", async (input, kind, reason) => {
  const result = await client.callTool({ name: "run_simulation", arguments: input });
  expect(result.isError).toBe(true);
  const failure = decodeToolFailure(result);
  expect(failure.kind).toBe(kind);
  expect(`${failure.message} ${failure.nextStep}`).toContain(reason);
});

test("reports progress to the end", async () => {
  const seen: number[] = [];
  await client.callTool(
    { name: "run_simulation", arguments: { model: "sir", timeStep: 0.002 } },
    { onprogress: ({ progress }) => seen.push(progress) },
  );
  expect(seen.length).toBeGreaterThan(5);
  expect(seen).toEqual([...seen].sort((left, right) => left - right));
  expect(seen.at(-1)).toBe(1);
});

test("stops a cancelled call and stays usable", async () => {
  const controller = new AbortController();
  const call = client.callTool(
    { name: "run_simulation", arguments: slow },
    { signal: controller.signal, onprogress: () => controller.abort() },
  );
  await expect(call).rejects.toThrow();
  const quick = await client.callTool({ name: "run_simulation", arguments: { model: "sir" } });
  expect(quick.isError).not.toBe(true);
});

test("answers other calls while a long simulation runs", async () => {
  const controller = new AbortController();
  const long = client.callTool(
    { name: "run_simulation", arguments: slow },
    { signal: controller.signal },
  );
  const [first, second] = await Promise.all([
    client.callTool({ name: "run_simulation", arguments: { model: "supply-chain" } }),
    client.callTool({ name: "list_models", arguments: {} }),
  ]);
  expect([first.isError, second.isError]).not.toContain(true);
  controller.abort();
  await expect(long).rejects.toThrow();
});

test("fails as a tool, with a next step, when the result cannot be stored", async () => {
  const file = join(folder, "not-a-folder");
  await writeFile(file, "");
  const other = await connect({ artifactFolder: file, modelFolders: [resolve("models")] });
  const result = await other.callTool({ name: "run_simulation", arguments: { model: "sir" } });
  await other.close();
  expect(decodeToolFailure(result)).toMatchObject({ kind: "tool", nextStep: expect.any(String) });
});

test("ends when its stdin closes, also in the middle of a simulation", async () => {
  const child = spawn(process.execPath, [
    program,
    JSON.stringify({ artifactFolder: folder, modelFolders: [resolve("models")] }),
  ]);
  const say = (message: object): void => {
    child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  };
  const clientInfo = { name: "test", version: "1.0.0" };
  say({
    id: 1,
    method: "initialize",
    params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo },
  });
  await once(child.stdout, "data");
  say({ method: "notifications/initialized" });
  const params = { name: "run_simulation", arguments: slow, _meta: { progressToken: 7 } };
  say({ id: 2, method: "tools/call", params });
  const [progress] = await once(child.stdout, "data");
  expect(JSON.parse(String(progress).split("\n")[0] ?? "")).toMatchObject({
    method: "notifications/progress",
  });
  const exit = once(child, "exit");
  child.stdin.end();
  expect(await exit).toEqual([0, null]);
});

test("refuses to start without a configuration, on stderr only", async () => {
  const child = spawn(process.execPath, [program, "{}"]);
  let output = "";
  let complaint = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  child.stderr.on("data", (chunk) => {
    complaint += chunk;
  });
  expect(await once(child, "close")).toEqual([2, null]);
  expect(output).toBe("");
  expect(complaint).toContain("artifactFolder");
});

test("ships models whose every variable has a unit and an explanation", async () => {
  for (const name of ["sir", "supply-chain"]) {
    const text = await readFile(resolve("models", `${name}.xmile`), "utf8");
    const variables = text.match(/<(?:stock|flow|aux) name=/g)?.length;
    expect(text.match(/<units>/g)).toHaveLength(variables ?? 0);
    expect(text.match(/<doc>/g)).toHaveLength(variables ?? 0);
  }
});
