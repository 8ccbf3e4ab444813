/**
 * What many simulations of a model take: runs a second with one thread and with two, and the time and
 * greatest memory of an ensemble of a million rows with all its tables stored, in a fresh process.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { format, print } from "./statistics.mjs";

const program = join(fileURLToPath(new URL(".", import.meta.url)), "ensemble-worker.mjs");

/** Runs of the epidemic model, 1441 saved times each. */
const RUNS = 694;

/** Measures each `rounds` times, each time in a fresh process. */
export async function benchEnsembles({ rounds }) {
  const rates = new Map([1, 2].map((threads) => [threads, []]));
  const stored = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const [threads, made] of rates) {
      const { ms } = await ask({ threads, runs: RUNS });
      made.push((RUNS * 1000) / ms);
    }
    stored.push(await ask({ runs: RUNS, store: true }));
  }
  for (const [threads, made] of rates) {
    print(`SIR, ${threads} thread${threads === 1 ? "" : "s"}`, format(made, "runs/s"));
  }
  const peak = Math.max(...stored.map((one) => one.peakMb));
  const seconds = stored.map((one) => one.ms / 1000);
  print("1,000,000 rows stored", `${format(seconds, "s", 2)}, at most ${peak.toFixed(0)} MB`);
}

async function ask(order) {
  const folder = mkdtempSync(join(tmpdir(), "ensembles-"));
  try {
    const child = spawn(
      process.execPath,
      ["--disable-warning=ExperimentalWarning", program, JSON.stringify({ ...order, folder })],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    let text = "";
    child.stdout.on("data", (piece) => {
      text += piece;
    });
    const [code] = await once(child, "close");
    if (code !== 0) throw new Error(`the ensemble ended with ${code}`);
    return JSON.parse(text);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
