/**
 * What a flood of progress messages costs: runs of the built-in flow one after the other, in a quiet
 * time and while a stranger publishes 100,000 messages; and the memory of the console that shows them.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { spawn } from "@lydell/node-pty";
import { Redis } from "ioredis";
import { namesOf } from "../../src/protocol/names.ts";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const names = namesOf("default");
const MESSAGES = 100_000;
const AT_ONCE = 200;

/** Measures on each broker; `rounds` runs in each of the two times, at least. */
export async function benchFlood({ rounds }) {
  for (const broker of ["embedded", "redis"]) await measure(broker, rounds);
}

async function measure(broker, rounds) {
  const folder = mkdtempSync(join(tmpdir(), "f-"));
  const state = join(folder, "s");
  mkdirSync(state);
  const { CI: _, ...environment } = process.env;
  const console_ = spawn(
    process.execPath,
    [join(root, "bin/aimie-console.js"), "--broker", broker],
    {
      cols: 120,
      rows: 40,
      cwd: folder,
      env: { ...environment, HOME: folder, XDG_STATE_HOME: state, XDG_CACHE_HOME: folder },
    },
  );
  let seen = "";
  console_.onData((text) => {
    seen = (seen + text).slice(-20_000);
  });
  await until(() => seen.includes("4/4"));
  const path = join(state, "aimie-console", "broker", `${broker}.sock`);
  const redis = new Redis({ path });
  const listening = redis.duplicate();
  await listening.subscribe("event.run");
  try {
    await runs(redis, listening, 2);
    const quiet = await runs(redis, listening, rounds);
    const before = memoryOf(console_.pid);
    let peak = before;
    const watching = setInterval(() => {
      peak = Math.max(peak, memoryOf(console_.pid));
    }, 100);
    let enough = false;
    const began = performance.now();
    const flood = publish(redis.duplicate(), () => enough);
    const flooded = await runs(redis, listening, rounds);
    enough = true;
    const sent = await flood;
    const tookMs = performance.now() - began;
    clearInterval(watching);
    await new Promise((resolve) => setTimeout(resolve, 5000));
    const after = memoryOf(console_.pid);
    const rate = Math.round(sent / (tookMs / 1000));
    line(`${broker}: run, quiet`, median(quiet), "ms", quiet.length);
    line(`${broker}: messages`, sent, "", 1);
    line(`${broker}: run, ${rate} messages/s`, median(flooded), "ms", flooded.length);
    line(`${broker}: ratio`, median(flooded) / median(quiet), "x", 1);
    line(`${broker}: console memory, growth at the peak`, (peak - before) / 2 ** 20, "MiB", 1);
    line(`${broker}: console memory, growth 5 s later`, (after - before) / 2 ** 20, "MiB", 1);
  } finally {
    const gone = new Promise((resolve) => console_.onExit(resolve));
    console_.write("q");
    await gone;
    for (const connection of [redis, listening]) connection.disconnect();
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 500 });
  }
}

/** Does runs one after the other; answers how long each took, milliseconds. */
async function runs(redis, listening, count) {
  const flowText = readFileSync(join(root, "flows", "simulation-qna-viz.yaml"), "utf8");
  const model = readFileSync(join(root, "models", "sir.xmile"), "utf8");
  const took = [];
  for (let one = 0; one < count; one += 1) {
    const runId = `b${Math.random().toString(36).slice(2, 11)}`;
    const spec = {
      runId,
      sessionId: "s-bench",
      flowName: "simulation-qna-viz",
      flowText,
      parameters: {},
      models: { sir: model },
    };
    const ended = new Promise((resolve) => {
      const hear = (_channel, text) => {
        const { runid, data } = JSON.parse(text);
        if (runid !== runId || data.seq < 4) return;
        listening.off("message", hear);
        resolve();
      };
      listening.on("message", hear);
    });
    const began = performance.now();
    const command = { type: "start-run", commandId: `start.${runId}`, spec };
    await redis.xadd(names.commandStream, "*", "d", JSON.stringify(command));
    await ended;
    took.push(performance.now() - began);
  }
  return took;
}

/** Publishes at least that many messages, and goes on until it is enough; answers how many. */
async function publish(redis, isEnough) {
  const message = JSON.stringify({
    specversion: "1.0",
    id: "flood",
    source: "flood",
    type: "aimie.progress.v1",
    time: new Date().toISOString(),
    subject: "flood.qna.1",
    runid: "flood",
    stepid: "qna",
    attempt: 1,
    data: { kind: "advanced", fraction: 0.5, message: "x".repeat(200) },
  });
  let sent = 0;
  for (; sent < MESSAGES || !isEnough(); sent += AT_ONCE) {
    const some = Array.from({ length: AT_ONCE }, () => redis.publish("progress.qna", message));
    await Promise.all(some);
  }
  redis.disconnect();
  return sent;
}

function memoryOf(pid) {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
}

async function until(holds) {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

function line(name, value, unit, samples) {
  const rest = samples === 1 ? "" : `, median of ${samples}`;
  process.stdout.write(`${name.padEnd(52)} ${value.toFixed(2).padStart(9)} ${unit}${rest}\n`);
}
