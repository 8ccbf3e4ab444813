/** A process that handed over to a newer Node, as the launcher does under an old one, and is killed. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { newPlace, untilNothingRuns } from "../support/product.ts";
import { waitUntil } from "../support/wait-until.ts";

const PROGRAM = join(import.meta.dirname, "../../bin/aimie-console.js");

test("takes the product along that it handed over to", async () => {
  const place = newPlace();
  const product = spawn(process.execPath, [PROGRAM, "up"], {
    cwd: place.work,
    env: { ...place.env },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  let said = "";
  product.stdout?.on("data", (text: Buffer) => {
    said += text.toString();
  });
  await waitUntil("its workers are ready", () => said.includes("are ready"));
  expect(existsSync(place.socket)).toBe(true);
  const ended = once(product, "exit");
  // What the system does to the channel when the process at its other end is killed.
  product.disconnect();
  expect(await ended).toEqual([129, null]);
  await untilNothingRuns(place);
});
