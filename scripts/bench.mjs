/**
 * Measures starting: the version, the first frame, four workers ready; each in a fresh state
 * folder, with the private broker started anew. Prints medians and ranges. With `embedded [ROUNDS]`
 * it measures the embedded broker against redis-server instead.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { spawn } from "@lydell/node-pty";

/** Sections that are measured alone: `npm run bench -- recovery`. */
const SECTIONS = {
  recovery: async () => (await import("./bench/recovery.mjs")).benchRecovery,
  flood: async () => (await import("./bench/flood.mjs")).benchFlood,
};
const section = SECTIONS[process.argv[2]];
if (section !== undefined) {
  await (await section())({ rounds: Number(process.argv[3] ?? 5) });
  process.exit(0);
}

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const program = join(root, "bin", "aimie-console.js");
const ROUNDS = Number(process.argv[2] ?? 5);
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

function line(name, values) {
  const sorted = [...values].sort((a, b) => a - b);
  const round = (value) => String(Math.round(value)).padStart(5);
  const median = sorted[Math.floor(sorted.length / 2)];
  process.stdout.write(
    `${name.padEnd(38)} median ${round(median)} ms  [${round(sorted[0])} ..${round(sorted[sorted.length - 1])} ]\n`,
  );
}

if (process.argv[2] === "embedded") {
  const { benchEmbedded } = await import("./bench/embedded.mjs");
  await benchEmbedded(Number(process.argv[3] ?? 5));
  process.exit();
}
const folder = mkdtempSync(join(tmpdir(), "b-"));
try {
  process.stdout.write(
    `Node ${process.versions.node}, ${availableParallelism()} cores, ${ROUNDS} rounds\n`,
  );
  version();
  line("--version", Array.from({ length: ROUNDS }, version));
  for (const broker of process.argv.slice(3).length > 0 ? process.argv.slice(3) : ["embedded"]) {
    await start(folder, broker);
    const rounds = [];
    for (let round = 0; round < ROUNDS; round += 1) rounds.push(await start(folder, broker));
    line(
      `first frame, ${broker} broker`,
      rounds.map((one) => one.frameMs),
    );
    line(
      `four workers ready, ${broker} broker`,
      rounds.map((one) => one.workersMs),
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 500 });
}
