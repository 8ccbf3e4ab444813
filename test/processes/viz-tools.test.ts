import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { SimulationOutput } from "../../src/protocol/agent-data.ts";
import { vizOutputSchema } from "../../src/protocol/agent-data.ts";
import { failureSchema } from "../../src/protocol/failure.ts";
import { folderArtifactStore } from "../../src/session/artifact-store.ts";
import { storedEpidemic } from "../support/epidemic.ts";

const SERVER = "src/agents/viz/tools/mcp-server.ts";

let folder: string;
let simulation: SimulationOutput;
let client: Client;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "viz-tools-"));
  simulation = await storedEpidemic(folder);
  client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode: "auto" } });
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [SERVER, JSON.stringify({ artifactFolder: folder })],
    }),
  );
});
afterEach(async () => {
  await client.close();
  await rm(folder, { recursive: true, force: true });
});

async function failureOf(args: Record<string, unknown>) {
  const result = await client.callTool({ name: "draw_chart", arguments: args });
  expect(result.isError).toBe(true);
  const [first] = result.content;
  if (first?.type !== "text") throw new Error("a failure is a text");
  return failureSchema.parse(JSON.parse(first.text));
}

test("draws a chart, reports progress and stores its files", async () => {
  const progress: number[] = [];
  const result = await client.callTool(
    { name: "draw_chart", arguments: { simulation } },
    { onprogress: (event) => progress.push(event.progress) },
  );
  const output = vizOutputSchema.parse(result.structuredContent);
  const store = folderArtifactStore(folder);
  expect(await store.verify(output.svg)).toBe("intact");
  expect(await store.verify(output.png)).toBe("intact");
  const spec = JSON.parse(await readFile(store.pathOf(output.spec), "utf8"));
  expect(spec.data.values.length).toBeGreaterThan(1000);
  expect(output.series.map((one) => one.name)).toEqual(["Susceptible", "Infected", "Recovered"]);
  expect(progress).toEqual([...progress].sort((left, right) => left - right));
  expect(progress.length).toBeGreaterThan(2);
});

test("draws a spec of the user's own as text too", async () => {
  const spec = {
    mark: "bar",
    encoding: {
      x: { field: "time", type: "quantitative", bin: true },
      y: { field: "infected", type: "quantitative", aggregate: "max", title: "Most infected" },
    },
  };
  const result = await client.callTool({ name: "draw_chart", arguments: { simulation, spec } });
  const texts = result.content.map((part) => (part.type === "text" ? part.text : ""));
  expect(texts[1]).toContain("⣿");
  expect(texts[1]?.split("\n")).toHaveLength(20);
});

test("returns failures as data with a next step", async () => {
  const unknown = await failureOf({ simulation, variables: ["infectd"] });
  expect(unknown).toMatchObject({ kind: "invalid-input" });
  expect(unknown.nextStep).toMatch(/^Choose from what it has: infected,/);

  const spec = {
    data: { url: "table" },
    mark: "line",
    transform: [{ lookup: "time", from: { data: { url: "file:///etc/passwd" }, key: "a" } }],
  };
  const hostile = await failureOf({ simulation, spec });
  expect(hostile.message).toContain("transform.0.from.data.url");

  await rm(folderArtifactStore(folder).pathOf(simulation.data));
  const missing = await failureOf({ simulation });
  expect(missing).toMatchObject({
    kind: "invalid-input",
    nextStep: expect.stringContaining("Rerun"),
  });
});

test("stops drawing when the call is cancelled and serves the next one", async () => {
  const controller = new AbortController();
  const call = client.callTool(
    { name: "draw_chart", arguments: { simulation } },
    { signal: controller.signal, onprogress: () => controller.abort() },
  );
  await expect(call).rejects.toThrow();
  const next = await client.callTool({ name: "draw_chart", arguments: { simulation } });
  expect(next.isError).toBeFalsy();
});

/** Five folds of 20 columns each make 3 200 000 rows of one. */
const EXPLOSIVE = {
  transform: Array.from({ length: 5 }, (_, level) => ({
    fold: new Array<string>(20).fill("infected"),
    as: [`key${level}`, `value${level}`],
  })),
  mark: "point",
  encoding: { x: { field: "value4", type: "quantitative" } },
};

test.each<[string, object, RegExp]>([
  ["text that is no spec", { mark: 7 }, /cannot be drawn/],
  ["a field there is not", { mark: "line", encoding: { x: { field: "tme" } } }, /"tme"/],
  ["an expression that does not parse", { mark: "bar", transform: [{ filter: "((" }] }, /cannot/],
  ["a file", { mark: "bar", data: { url: "x" }, layer: [{ data: { url: "y" } }] }, /layer.0.data/],
  ["more rows than memory holds", EXPLOSIVE, /takes (too much memory|longer)/],
])(
  "refuses a spec with %s and serves the next call",
  { timeout: 120_000 },
  async (_, spec, why) => {
    const { kind, message } = await failureOf({ simulation, spec });
    expect({ kind, message }).toEqual({
      kind: "invalid-input",
      message: expect.stringMatching(why),
    });
    const next = await client.callTool({ name: "draw_chart", arguments: { simulation } });
    expect(next.isError).toBeFalsy();
  },
);

test("lists one tool with schemas for both directions", async () => {
  const { tools } = await client.listTools();
  expect(tools.map((tool) => tool.name)).toEqual(["draw_chart"]);
  expect(tools[0]?.outputSchema).toBeDefined();
});

test("ends when its stdin closes, and refuses a bad configuration", async () => {
  const child = spawn(process.execPath, [SERVER, JSON.stringify({ artifactFolder: folder })]);
  child.stdin.end();
  expect(await once(child, "exit")).toEqual([0, null]);
  const misconfigured = spawn(process.execPath, [SERVER, '{"folder":1}']);
  expect(await once(misconfigured, "exit")).toEqual([2, null]);
});
