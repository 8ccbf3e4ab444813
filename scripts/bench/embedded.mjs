/**
 * Measures the embedded broker against redis-server in one run: memory when idle and after a
 * burst, and how fast bursts go. Both as processes of their own on a unix socket with an
 * append-only file synced each second, rounds in turn; prints medians, ranges and ratios.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const MESSAGES = 20_000;
const BATCH = 500;

/** Starts a broker in a folder; resolves once it answers. */
async function start(kind, folder) {
  const path = join(folder, `${kind}.sock`);
  const order = JSON.stringify({ kind: "embedded", folder });
  const child =
    kind === "embedded"
      ? spawn(process.execPath, [join(root, "dist", "broker.js"), order], { stdio: "ignore" })
      : spawn(
          "redis-server",
          [
            ...["--port", "0", "--unixsocket", path, "--dir", folder],
            ...["--appendonly", "yes", "--appendfsync", "everysec", "--save", ""],
          ],
          { stdio: "ignore" },
        );
  const began = performance.now();
  while (!(await answers(path))) await new Promise((resolve) => setTimeout(resolve, 2));
  return { child, path, startMs: performance.now() - began };
}

function answers(path) {
  return new Promise((resolve) => {
    const probe = connect(path, () => {
      probe.destroy();
      resolve(true);
    });
    probe.on("error", () => resolve(false));
  });
}

/** The resident memory of a process in MiB (Linux). */
function residentMib(pid) {
  const kib = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kib) / 1024;
}

async function perSecond(count, work) {
  const began = performance.now();
  await work();
  return (count / (performance.now() - began)) * 1000;
}

/** Adds tasks in bursts and takes them off as a worker does. */
async function streams(redis) {
  const text = "x".repeat(300);
  await redis.xgroup("CREATE", "s", "g", "0", "MKSTREAM");
  for (let sent = 0; sent < MESSAGES; sent += BATCH) {
    const adding = redis.pipeline();
    for (let n = 0; n < BATCH; n += 1) adding.xadd("s", "*", "task", text);
    await adding.exec();
    const [[, entries]] = await redis.xreadgroup(
      "GROUP",
      "g",
      "c",
      "COUNT",
      BATCH,
      "STREAMS",
      "s",
      ">",
    );
    const settling = redis.pipeline();
    for (const [id] of entries) settling.xack("s", "g", id).xdel("s", id);
    await settling.exec();
  }
}

async function publish(redis, listener) {
  const text = "x".repeat(1000);
  let heard = 0;
  await listener.subscribe("topic");
  const all = new Promise((resolve) => {
    listener.on("message", () => {
      heard += 1;
      if (heard === MESSAGES) resolve();
    });
  });
  for (let sent = 0; sent < MESSAGES; sent += BATCH) {
    const publishing = redis.pipeline();
    for (let n = 0; n < BATCH; n += 1) publishing.publish("topic", text);
    await publishing.exec();
  }
  await all;
}

async function roundTrips(redis) {
  for (let n = 0; n < MESSAGES / 4; n += 1) await redis.set("k", "v");
}

async function measure(kind) {
  const folder = mkdtempSync(join(tmpdir(), "b-"));
  const { child, path, startMs } = await start(kind, folder);
  const open = () => new Redis({ path, protocol: 2 });
  const [redis, listener] = [open(), open()];
  try {
    await redis.ping();
    await new Promise((resolve) => setTimeout(resolve, 500));
    const idle = residentMib(child.pid);
    return {
      "start, ms": startMs,
      "memory when idle, MiB": idle,
      "stream burst, messages/s": await perSecond(MESSAGES, () => streams(redis)),
      "Pub/Sub burst, messages/s": await perSecond(MESSAGES, () => publish(redis, listener)),
      "SET, awaited one by one, /s": await perSecond(MESSAGES / 4, () => roundTrips(redis)),
      "memory after the bursts, MiB": residentMib(child.pid),
    };
  } finally {
    redis.disconnect();
    listener.disconnect();
    child.kill("SIGTERM");
    await new Promise((resolve) => child.once("exit", resolve));
    rmSync(folder, { recursive: true, force: true });
  }
}

function summary(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return {
    median: sorted[Math.floor(sorted.length / 2)],
    text: (value) => Math.round(value).toLocaleString("en"),
    low: sorted[0],
    high: sorted[sorted.length - 1],
  };
}

/** Runs the rounds and prints a table. */
export async function benchEmbedded({ rounds }) {
  const results = { embedded: [], redis: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const kind of ["embedded", "redis"]) results[kind].push(await measure(kind));
  }
  process.stdout.write(
    `Node ${process.versions.node}, ${availableParallelism()} cores, ${rounds} rounds\n\n` +
      "| what | embedded | redis-server | ratio |\n|---|---|---|---|\n",
  );
  for (const name of Object.keys(results.redis[0])) {
    const [ours, theirs] = [results.embedded, results.redis].map((all) =>
      summary(all.map((one) => one[name])),
    );
    const cell = ({ median, low, high, text }) => `${text(median)} (${text(low)}–${text(high)})`;
    const ratio = (ours.median / theirs.median).toFixed(2);
    process.stdout.write(`| ${name} | ${cell(ours)} | ${cell(theirs)} | ${ratio} |\n`);
  }
}
