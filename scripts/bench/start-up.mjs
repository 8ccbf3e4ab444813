/**
 * Measures starting: the version, the first frame, four workers ready; each in a fresh state
 * folder, with the private broker started anew. Prints medians and ranges.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawn } from "@lydell/node-pty";
import { format, print } from "./statistics.mjs";

const program = join(import.meta.dirname, "..", "..", "bin", "aimie-console.js");
const BROKERS = ["embedded", "redis"];
const ALTERNATE_SCREEN = "\u001b[?1049h";

/** One cold start; resolves with milliseconds from spawn to first frame and to four workers. */
function start(folder, broker) {
  const state = mkdtempSync(join(folder, "s"));
  const { CI: _, ...environment } = process.env;
  const began = performance.now();
  const console_ = spawn(process.execPath, [program, "--broker", broker], {
    cols: 120,
    rows: 40,
    cwd: folder,
    env: { ...environment, HOME: folder, XDG_STATE_HOME: state, XDG_CACHE_HOME: folder },
  });
  let seen = "";
  let frameMs;
  return new Promise((resolve) => {
    console_.onData((text) => {
      seen += text;
      if (frameMs === undefined && seen.includes(ALTERNATE_SCREEN)) {
        frameMs = performance.now() - began;
      }
      if (seen.includes("4/4")) {
        const workersMs = performance.now() - began;
        seen = "";
        console_.onExit(() => resolve({ frameMs, workersMs }));
        console_.write("q");
      }
    });
  });
}

function version() {
  const began = performance.now();
  execFileSync(process.execPath, [program, "--version"]);
  return performance.now() - began;
}

/** Measures cold starts of the built program. */
export async function benchStartUp({ rounds }) {
  const folder = mkdtempSync(join(tmpdir(), "b-"));
  const line = (name, values) => print(name, format(values, "ms", 0));
  try {
    version();
    line("--version", Array.from({ length: rounds }, version));
    for (const broker of BROKERS) {
      await start(folder, broker);
      const starts = [];
      for (let round = 0; round < rounds; round += 1) starts.push(await start(folder, broker));
      line(
        `first frame, ${broker} broker`,
        starts.map((one) => one.frameMs),
      );
      line(
        `four workers ready, ${broker} broker`,
        starts.map((one) => one.workersMs),
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 500 });
  }
}
