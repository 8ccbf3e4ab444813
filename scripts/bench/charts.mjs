/**
 * What a chart of a million rows takes: the real tool logic on a Parquet table of 1,000,000 rows and
 * three variables, in a process of its own whose greatest memory is read at its end.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { format, print } from "./statistics.mjs";

const KINDS = ["line", "small-multiples", "histogram", "scatter", "phase"];
const program = join(fileURLToPath(new URL(".", import.meta.url)), "chart-worker.mjs");

/** Measures each kind `rounds` times, each time in a fresh process. */
export async function benchCharts({ rounds }) {
  const folder = mkdtempSync(join(tmpdir(), "charts-"));
  try {
    const { simulation } = await ask(folder, {});
    for (const chart of KINDS) {
      const made = [];
      for (let round = 0; round < rounds; round += 1) {
        made.push(await ask(folder, { chart, simulation }));
      }
      const peak = Math.max(...made.map((one) => one.peakMb));
      const seconds = made.map((one) => one.ms / 1000);
      print(
        `${chart}, 1,000,000 rows`,
        `${format(seconds, "s", 2)}, at most ${peak.toFixed(0)} MB`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function ask(folder, order) {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", program], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdin.end(JSON.stringify({ folder, ...order }));
  let text = "";
  child.stdout.on("data", (chunk) => {
    text += chunk;
  });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`the chart's process ended with ${code}`);
  return JSON.parse(text);
}
