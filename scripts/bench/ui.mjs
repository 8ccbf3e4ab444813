/**
 * Measures the screen: `npm run bench:ui`. The real console on a terminal without a window, while
 * messages come on every topic and keys are pressed at random moments; then at rest; then programs
 * that people watch with the same way. `--seconds`, `--rate`, `--rounds`, `--sizes 80x24,200x60`,
 * `--no-peers`.
 */
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startRedisServer } from "./redis-server.mjs";
import { format, print, quantile } from "./statistics.mjs";
import { memoryOf, processorMs, startOnTerminal } from "./terminal-program.mjs";
import { benchPeers } from "./ui-peers.mjs";

const root = join(import.meta.dirname, "..", "..");
const PROGRAM = join(root, "bin", "aimie-console.js");
const IDLE_MS = 10_000;
/** Panes by the key that leads to them, as their names stand in the row of panes. */
const PANES = ["1 flow", "2 detail", "3 runs", "4 agents", "5 topics", "6 events", "7 sessions"];

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    rate: { type: "string", default: "5000" },
    rounds: { type: "string", default: "3" },
    sizes: { type: "string", default: "80x24,120x40,200x60" },
    "no-peers": { type: "boolean", default: false },
  },
});

/** The console with one finished run, on a bus where nobody else works. */
async function openConsole(server, { columns, rows }) {
  const folder = mkdtempSync(join(tmpdir(), "u-"));
  mkdirSync(join(folder, "s"));
  const { CI: _, ...rest } = process.env;
  const environment = {
    ...rest,
    HOME: folder,
    XDG_STATE_HOME: join(folder, "s"),
    TERM: "xterm-256color",
    COLORTERM: "truecolor",
  };
  const bus = ["--redis", `unix:${server.path}`];
  execFileSync(process.execPath, [PROGRAM, "run", ...bus], {
    cwd: folder,
    env: environment,
    stdio: "ignore",
  });
  const words = [PROGRAM, ...bus, "--agents", "none"];
  const screen = startOnTerminal(process.execPath, words, { columns, rows, folder, environment });
  await screen.until(() => screen.text().includes("live") && screen.text().includes("succeeded"));
  const close = async () => {
    await screen.end("q");
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 500 });
  };
  return { screen, close };
}

/** Presses keys at random moments for a while; answers how long each took to be seen. */
async function pressKeys(screen, untilMs) {
  const took = [];
  let pane = 0;
  while (performance.now() < untilMs) {
    await pause(50 + Math.random() * 200);
    pane = (pane + 1 + Math.floor(Math.random() * (PANES.length - 1))) % PANES.length;
    const name = `[${PANES[pane]}]`;
    took.push(await screen.press(String(pane + 1), () => screen.text().includes(name)));
  }
  return took;
}

async function underLoad(server, screen, { seconds, rate }) {
  const load = spawn(
    process.execPath,
    [join(import.meta.dirname, "ui-load.mjs"), server.path, `${rate}`],
    {
      stdio: ["pipe", "pipe", "inherit"],
    },
  );
  let said = "";
  load.stdout.on("data", (text) => {
    said += text;
  });
  await pause(3000); // The load has begun, the console has warmed up.
  const before = { at: performance.now(), cpu: processorMs(screen.pid), ...screen.written };
  const memory = memoryOf(screen.pid);
  const keys = await pressKeys(screen, before.at + seconds * 1000);
  const tookMs = performance.now() - before.at;
  const figures = {
    keys,
    cpu: (100 * (processorMs(screen.pid) - before.cpu)) / tookMs,
    kilobytes: (screen.written.bytes - before.bytes) / tookMs,
    memory: memoryOf(screen.pid) / 2 ** 20,
    growth: (memoryOf(screen.pid) - memory) / 2 ** 20,
  };
  const ended = new Promise((resolve) => load.on("exit", resolve));
  load.stdin.end();
  await ended;
  const { sent, seconds: lasted } = JSON.parse(said);
  return { ...figures, rate: sent / lasted, sent };
}

async function atRest(screen) {
  await pause(5000);
  const before = { at: performance.now(), cpu: processorMs(screen.pid), ...screen.written };
  await pause(IDLE_MS);
  const tookMs = performance.now() - before.at;
  return {
    cpu: (100 * (processorMs(screen.pid) - before.cpu)) / tookMs,
    writes: ((screen.written.chunks - before.chunks) * 1000) / tookMs,
    keys: await pressKeys(screen, performance.now() + IDLE_MS),
  };
}

async function measure(size, options) {
  const server = await startRedisServer();
  const { screen, close } = await openConsole(server, size);
  try {
    const first = screen.written.firstMs;
    const loaded = await underLoad(server, screen, options);
    return { first, loaded, idle: await atRest(screen) };
  } finally {
    await close();
    await server.stop();
  }
}

function report(name, rounds) {
  const show = (title, unit, digits, figureOf, bar) =>
    print(`${name}  ${title}`, `${format(rounds.map(figureOf), unit, digits)}   aim ${bar}`);
  const small = name === "80x24";
  show("first output", "ms", 0, (one) => one.first, "500");
  show("messages a second", "", 0, (one) => one.loaded.rate, String(values.rate));
  show("key to screen, p50", "ms", 1, (one) => quantile(one.loaded.keys, 0.5), "20");
  show(
    "key to screen, p99",
    "ms",
    1,
    (one) => quantile(one.loaded.keys, 0.99),
    small ? "30" : "60",
  );
  show("processor", "% of a core", 1, (one) => one.loaded.cpu, "35");
  show("to the terminal", "kB/s", 1, (one) => one.loaded.kilobytes, "300");
  show("memory afterwards", "MiB", 0, (one) => one.loaded.memory, "–");
  show("memory, growth", "MiB", 1, (one) => one.loaded.growth, "0");
  show("at rest: key to screen, p50", "ms", 1, (one) => quantile(one.idle.keys, 0.5), "–");
  show("at rest: processor", "% of a core", 1, (one) => one.idle.cpu, "2");
  show("at rest: writes a second", "", 1, (one) => one.idle.writes, "1");
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

const options = { seconds: Number(values.seconds), rate: Number(values.rate) };
print(
  "Node, cores, load",
  `${process.versions.node}, ${availableParallelism()}, ${loadavg()[0].toFixed(1)}`,
);
for (const name of values.sizes.split(",")) {
  const [columns, rows] = name.split("x").map(Number);
  const rounds = [];
  for (let round = 0; round < Number(values.rounds); round += 1) {
    rounds.push(await measure({ columns, rows }, options));
  }
  report(name, rounds);
}
if (!values["no-peers"])
  await benchPeers({ seconds: Math.min(options.seconds, 15), rate: options.rate });
