import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openSandbox, type Sandbox } from "../../src/engines/analyst/duckdb-sandbox.ts";
import { epidemicParquet, stepEpidemic } from "../qna-bank/epidemic.ts";

const epidemic = stepEpidemic();
let folder: string;
let artifacts: string;
let sandbox: Sandbox;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sandbox-"));
  artifacts = join(folder, "it's artifacts");
  await mkdir(artifacts);
  await writeFile(join(artifacts, "run.parquet"), epidemicParquet(epidemic));
  await writeFile(join(folder, "secret.parquet"), epidemicParquet(epidemic));
  await writeFile(join(folder, "secret.csv"), "a\n1\n");
  sandbox = await openSandbox(artifacts);
});
afterAll(async () => {
  sandbox.close();
  sandbox.close();
  await rm(folder, { recursive: true, force: true });
});

const run = (sql: string, more: { signal?: AbortSignal; timeoutMs?: number } = {}) =>
  sandbox.queryRow({
    sql,
    tableName: "simulation",
    dataPath: join(artifacts, "run.parquet"),
    ...more,
  });

test("reads a file of its folder under the table's name", async () => {
  const row = await run("SELECT count(*) AS rows, max(infectious) AS value FROM simulation");
  const value = Math.max(...epidemic.columns["infectious"]!);
  expect(row).toEqual({ ok: true, value: { rows: epidemic.time.length, value } });
});

test("serves queries at the same time", async () => {
  const days = Array.from({ length: 20 }, (_, index) => index);
  const rows = await Promise.all(
    days.map((day) => run(`SELECT infectious AS value FROM simulation WHERE time = ${day}`)),
  );
  expect(rows).toEqual(
    days.map((day) => ({ ok: true, value: { value: epidemic.columns["infectious"]![day * 8] } })),
  );
});

test("refuses a data file outside its folder", async () => {
  for (const dataPath of [
    join(folder, "secret.parquet"),
    join(artifacts, "../secret.parquet"),
    artifacts,
  ]) {
    const row = await sandbox.queryRow({
      sql: "SELECT 1 AS one",
      tableName: "simulation",
      dataPath,
    });
    expect(row).toMatchObject({ ok: false, error: { kind: "refused" } });
  }
});

describe("refuses what is not one SELECT, unrun", () => {
  test.each([
    "COPY simulation TO 'out.csv'",
    "COPY (SELECT 1) TO 'out.parquet'",
    "ATTACH 'other.db' AS other",
    "SET memory_limit = '64GB'",
    "SET enable_external_access = true",
    "RESET lock_configuration",
    "PRAGMA database_list",
    "INSTALL httpfs",
    "LOAD httpfs",
    "CREATE TABLE stolen AS SELECT * FROM simulation",
    "DROP VIEW simulation",
    "EXPORT DATABASE 'dump'",
    "CALL pragma_version()",
    "SELECT 1; SELECT 2",
    "SELECT 1; COPY simulation TO 'out.csv'",
    "WITH gone AS (SELECT 1) DELETE FROM simulation",
    "",
  ])("%s", async (sql) => {
    expect((await run(sql)).ok).toBe(false);
    expect(await readdir(artifacts)).toEqual(["run.parquet"]);
  });
});

describe("cannot read beyond its folder", () => {
  test.each([
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_blob('/proc/self/environ')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM glob('/etc/*')",
    "SELECT getenv('HOME')",
    "SELECT * FROM read_parquet('https://example.invalid/x.parquet')",
  ])("%s", async (sql) => {
    expect(await run(sql)).toMatchObject({ ok: false });
  });

  test("by a path that climbs out", async () => {
    const climbing = `${artifacts.replaceAll("'", "''")}/../secret.csv`;
    expect((await run(`SELECT * FROM read_csv('${climbing}')`)).ok).toBe(false);
  });
});

const ENDLESS =
  "SELECT count(*) AS n FROM range(100000000000) a, range(100000000000) b WHERE (a.range * b.range) % 7 = 1";

test("ends a query at its time limit and stays usable", async () => {
  expect(await run(ENDLESS, { timeoutMs: 100 })).toMatchObject({ error: { kind: "timeout" } });
  expect(await run("SELECT 1 AS one")).toEqual({ ok: true, value: { one: 1 } });
});

test("ends a query when the signal says so", async () => {
  const abort = new AbortController();
  const running = run(ENDLESS, { signal: abort.signal });
  setTimeout(() => abort.abort(), 100);
  expect(await running).toMatchObject({ error: { kind: "cancelled" } });
  expect(await run("SELECT 1 AS one", { signal: abort.signal })).toMatchObject({
    error: { kind: "cancelled" },
  });
});

test("reports a query that cannot run as a failure", async () => {
  expect(await run("SELECT nothing FROM simulation")).toMatchObject({ error: { kind: "failed" } });
  expect(await run("SELECT 1 AS one FROM simulation WHERE time < 0")).toMatchObject({
    error: { kind: "failed" },
  });
});
