import { spawn } from "node:child_process";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { isAlive } from "../support/is-alive.ts";
import { waitUntil } from "../support/wait-until.ts";

const PROGRAM = join(import.meta.dirname, "../fixtures/programs/hold-group.ts");

test("a program and what it has started do not outlive a starter that is killed", async () => {
  // In a group of its own, as a worker is: what ends that group does not reach the program.
  const starter = spawn(process.execPath, [PROGRAM], {
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const { pid } = starter;
  if (pid === undefined) throw new Error("it was not started");
  onTestFinished(() => void starter.kill("SIGKILL"));
  const told = await new Promise<string>((resolve) => {
    starter.stdout.once("data", (chunk: Buffer) => resolve(String(chunk)));
  });
  const started = told.trim().split(" ").map(Number);
  expect(started).toHaveLength(2);
  expect(started.every(isAlive)).toBe(true);

  process.kill(-pid, "SIGKILL");

  await waitUntil("both are gone", () => !started.some(isAlive));
});
