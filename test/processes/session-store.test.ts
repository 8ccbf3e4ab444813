import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { StoreFolder } from "../support/session-fixtures.ts";
import { session1, storeFolder } from "../support/session-fixtures.ts";

const program = join(import.meta.dirname, "../fixtures/programs/write-sessions.ts");
const storeModule = join(import.meta.dirname, "../../src/session/store.ts");

let folder: StoreFolder;
beforeEach(() => {
  folder = storeFolder();
});
afterEach(() => folder.remove());

/** Writes in a process of its own until `count` entries are told, then kills it. */
async function writeAndKill(first: number, count: number): Promise<readonly string[]> {
  const child = spawn(process.execPath, [program, folder.path, String(first)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const told: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    told.push(line);
    if (told.length === count) child.kill("SIGKILL");
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  expect(child.signalCode).toBe("SIGKILL");
  return told;
}

test("keeps everything it has told of when its process is killed", async () => {
  for (let round = 1; round <= 3; round += 1) {
    const told = await writeAndKill(round * 100_000, 20 * round);
    const store = folder.open();
    expect(store.damage).toBeNull();
    const kept = store.entries(session1);
    expect(kept.damage).toEqual([]);
    expect(kept.entries.map((entry) => String(entry.entryId))).toEqual(
      expect.arrayContaining([...told]),
    );
    for (const run of store.listRuns(session1)) {
      expect(store.runEvents(run.runId).damage).toEqual([]);
    }
    store.close();
  }
});

test("lets two processes write at once", async () => {
  const [one, other] = await Promise.all([writeAndKill(100_000, 50), writeAndKill(200_000, 50)]);
  const store = folder.open();
  const kept = store.entries(session1).entries.map((entry) => String(entry.entryId));
  expect(kept).toEqual(expect.arrayContaining([...one, ...other]));
  expect(store.latestSession()?.runCount).toBeGreaterThanOrEqual(99);
});

test("lets processes open a fresh file at the same moment", async () => {
  const script = `
    const { openSessionStore } = await import(${JSON.stringify(storeModule)});
    const [, path, at] = process.argv;
    while (Date.now() < Number(at));
    openSessionStore({ path, clock: { now: () => 0 }, newUlid: () => "" }).close();`;
  for (let round = 0; round < 5; round += 1) {
    const fresh = storeFolder();
    const args = ["--input-type=module", "--eval", script, fresh.path, String(Date.now() + 700)];
    const opened = [1, 2, 3].map(() => promisify(execFile)(process.execPath, args));
    await expect(Promise.all(opened)).resolves.toHaveLength(3);
    fresh.remove();
  }
});

test("prints no warning about SQLite and lets others pass", async () => {
  const script = `
    const { openSessionStore } = await import(${JSON.stringify(storeModule)});
    openSessionStore({ path: process.argv[1], clock: { now: () => 0 }, newUlid: () => "" }).close();
    process.emitWarning("another warning");`;
  const { stderr } = await promisify(execFile)(process.execPath, [
    "--input-type=module",
    "--eval",
    script,
    folder.path,
  ]);
  expect(stderr).not.toContain("SQLite");
  expect(stderr).toContain("another warning");
});
