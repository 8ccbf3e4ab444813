/** Stores the table of the section `charts`, or draws one chart of it; order and answer are JSON. */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { DuckDBInstance } from "@duckdb/node-api";
import { drawChartTool } from "../../src/agents/viz/tools/tool-logic.ts";
import { folderArtifactStore } from "../../src/session/artifact-store.ts";

const ROWS = 1_000_000;
const NAMES = ["prey", "predators", "grass"];

const { folder, simulation, chart } = JSON.parse(await text(process.stdin));
process.stdout.write(JSON.stringify(simulation === undefined ? await store() : await draw()));

async function store() {
  const made = join(folder, "table.parquet");
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  await connection.run(`COPY (SELECT i::DOUBLE AS time, sin(i / 9000.0) * 3 + sin(i * 0.7) AS prey,
    cos(i / 9000.0) * 2 + cos(i * 0.9) AS predators, 80 + sin(i / 50000.0) AS grass
    FROM range(${ROWS}) t(i)) TO '${made}' (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
  const content = readFileSync(made);
  const sha256 = createHash("sha256").update(content).digest("hex");
  const mediaType = "application/vnd.apache.parquet";
  const path = folderArtifactStore(folder).pathOf({ sha256, mediaType });
  mkdirSync(dirname(path), { recursive: true });
  renameSync(made, path);
  const data = { sha256, mediaType, bytes: content.length, name: "table.parquet", rows: ROWS };
  const variables = NAMES.map((name) => ({
    ...{ name, label: name, kind: "stock", initial: 0, final: 0 },
    ...{ minimum: -4, minimumTime: 0, maximum: name === "grass" ? 81 : 4, maximumTime: 0 },
  }));
  const model = { name: "own", title: "A million rows", timeUnit: "" };
  const times = { startTime: 0, stopTime: ROWS - 1, timeStep: 1 };
  const rest = { method: "rk4", parameters: {}, highlights: NAMES };
  return { simulation: { model, ...times, ...rest, variables, data } };
}

async function draw() {
  const { signal } = new AbortController();
  const surroundings = { config: { artifactFolder: folder }, onProgress: () => undefined, signal };
  const isPlane = chart === "phase" || chart === "scatter";
  const variables = isPlane ? NAMES.slice(0, 2) : NAMES;
  const began = performance.now();
  const drawn = await drawChartTool({ simulation, chart, variables }, surroundings);
  if (!drawn.ok) throw new Error(drawn.error.message);
  return { ms: performance.now() - began, peakMb: process.resourceUsage().maxRSS / 1024 };
}
