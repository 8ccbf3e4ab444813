import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { openProcessRegistry, startTimeOf } from "../../src/agents/supervisor/process-registry.ts";
import { checkProcesses } from "../../src/cli/doctor/check-workers.ts";
import { waitUntil } from "../support/wait-until.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "registry-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A process that waits for its end, in a group of its own. */
function sleeper(): number {
  const { pid = 0 } = spawn("sleep", ["1000"], { detached: true, stdio: "ignore" });
  onTestFinished(() => {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended.
    }
  });
  return pid;
}

const entryOf = (pid: number, change: object) =>
  JSON.stringify({
    ...{ version: 1, pid, startedAt: startTimeOf(pid), role: "worker", label: "qna-worker" },
    ...{ namespace: "default", owner: null },
    ...change,
  });

test("remembers a process while it runs, for its owner's eyes alone", async () => {
  const registry = openProcessRegistry(join(folder, "processes"), "default");
  const pid = sleeper();
  registry.add(pid, { role: "worker", label: "qna-worker" });
  expect(registry.list()).toMatchObject([{ fate: "running", entry: { pid, label: "qna-worker" } }]);
  expect(statSync(join(folder, "processes", `${pid}.json`)).mode & 0o777).toBe(0o600);

  process.kill(pid, "SIGKILL");
  await waitUntil("it is gone", () => registry.list()[0]?.fate === "gone");
  registry.remove(pid);
  expect(readdirSync(join(folder, "processes"))).toEqual([]);
});

test("does not take a process that has another's number for ours", () => {
  const pid = sleeper();
  writeFileSync(join(folder, `${pid}.json`), entryOf(pid, { startedAt: "1" }));
  const registry = openProcessRegistry(folder, "default");
  expect(registry.list()).toMatchObject([{ fate: "gone" }]);

  checkProcesses(registry, true);
  expect(startTimeOf(pid)).toBeDefined();
  expect(registry.list()).toEqual([]);
});

test("the doctor shows a worker whose supervisor is gone, and ends it when asked to", async () => {
  const pid = sleeper();
  writeFileSync(join(folder, `${pid}.json`), entryOf(pid, { owner: { pid: 1, startedAt: "no" } }));
  const registry = openProcessRegistry(folder, "default");
  expect(checkProcesses(registry, false)).toMatchObject([
    {},
    { verdict: "warn", remedy: expect.stringContaining("--fix") },
  ]);
  expect(startTimeOf(pid)).toBeDefined();

  expect(checkProcesses(registry, true)).toMatchObject([{}, { verdict: "ok" }]);
  await waitUntil("it is gone", () => startTimeOf(pid) === undefined);
  expect(registry.list()).toEqual([]);
});

test("passes over files that are not its own, and a folder that cannot be written", () => {
  mkdirSync(join(folder, "2.json"));
  writeFileSync(join(folder, "1.json"), "{");
  writeFileSync(join(folder, "3.json"), entryOf(process.pid, {}));
  expect(openProcessRegistry(folder, "default").list()).toEqual([]);
  expect(openProcessRegistry("/nowhere/at/all", "default").list()).toEqual([]);
  openProcessRegistry("/proc/nowhere", "default").add(process.pid, { role: "worker", label: "x" });
});
