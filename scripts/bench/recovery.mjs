/**
 * How long until a dead process's work goes on: a task of a worker that was killed, done again by
 * its own respawned slot and by a peer after the lease; a decision after the orchestrator was killed.
 */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { Redis } from "ioredis";
import { processSpawner } from "../../src/agents/supervisor/spawn.ts";
import { startSupervisor } from "../../src/agents/supervisor/supervisor.ts";
import { systemClock } from "../../src/base/clock.ts";
import { systemRandom } from "../../src/base/random.ts";
import { namesOf } from "../../src/protocol/names.ts";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const names = namesOf("default");
const LEASE_MS = 2500;
const SLOW_STEPS = 100_000;

/** Measures every case on every broker. */
export async function benchRecovery({ rounds }) {
  const folder = mkdtempSync(join(tmpdir(), "r-"));
  try {
    const program = await bundleWorker(folder);
    for (const broker of ["embedded", "redis"]) {
      const bus = await startBus(folder, broker);
      const respawned = [];
      const byPeer = [];
      for (let round = 0; round < rounds; round += 1) {
        respawned.push(await respawn(bus, program, folder));
        byPeer.push((await takeOver(bus, program, folder)) - LEASE_MS);
      }
      bus.close();
      report(`no-op worker, respawned slot, ${broker}`, respawned);
      report(`no-op worker, peer, beyond the lease, ${broker}`, byPeer);
      const agents = [];
      const orchestrators = [];
      for (let round = 0; round < rounds; round += 1) {
        const killed = await killInRun(folder, broker, `${broker}${round}`);
        agents.push(killed.agent);
        orchestrators.push(killed.orchestrator);
      }
      report(`real agent (simulation), respawned slot, ${broker}`, agents);
      report(`orchestrator, respawned slot, ${broker}`, orchestrators);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 500 });
  }
}

async function bundleWorker(folder) {
  const entry = (path) => join(root, path);
  await build({
    entryPoints: {
      worker: entry("scripts/bench/noop-worker.mjs"),
      "lease-keeper-thread": entry("src/bus/lease-keeper-thread.ts"),
    },
    outdir: folder,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    outExtension: { ".js": ".js" },
    logLevel: "error",
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
  });
  return join(folder, "worker.js");
}

async function startBus(folder, broker) {
  const own = mkdtempSync(join(folder, "b"));
  const order = {
    kind: broker,
    folder: own,
    ...(broker === "redis" ? { server: "redis-server" } : {}),
  };
  const child = spawn(process.execPath, [join(root, "dist/broker.js"), JSON.stringify(order)], {
    stdio: "ignore",
  });
  const path = join(own, `${broker}.sock`);
  const redis = new Redis({ path, retryStrategy: () => 50, maxRetriesPerRequest: null });
  redis.on("error", () => undefined);
  await redis.ping();
  return {
    path,
    redis,
    close() {
      redis.disconnect();
      child.kill("SIGTERM");
    },
  };
}

function orderOf(bus, program, folder, number) {
  return {
    program,
    config: {
      slot: `bench:qna:${number}`,
      agent: "qna",
      version: "0",
      host: "bench",
      busAddress: `unix:${bus.path}`,
      namespace: "default",
      leaseMs: LEASE_MS,
      drainDeadlineMs: 200,
      artifactFolder: folder,
      modelFolders: [],
      definitionHashes: {},
      commandModels: { trustFile: "", environment: {} },
      toolServerProgram: "",
      compileCacheFolder: join(folder, "cache"),
    },
  };
}

const environment = (folder) => ({ NODE_COMPILE_CACHE: join(folder, "cache") });

/** A task hangs in its worker; the worker is killed; its slot's next process does the task. */
async function respawn(bus, program, folder) {
  const supervisor = startSupervisor(
    [orderOf(bus, program, folder, 0)],
    { spawner: processSpawner(environment(folder)), clock: systemClock, random: systemRandom },
    { onChange: () => undefined, onLog: () => undefined },
  );
  const pid = await giveTask(bus);
  const killedAt = performance.now();
  process.kill(pid, "SIGKILL");
  await result(bus);
  const tookMs = performance.now() - killedAt;
  await supervisor.close();
  return tookMs;
}

/** The same, but the slot stays empty: a peer takes the task over after the lease. */
async function takeOver(bus, program, folder) {
  const workers = [];
  const start = (number) => {
    const order = orderOf(bus, program, folder, number);
    const listener = {
      onMessage: () => undefined,
      onLine: () => undefined,
      onEnd: () => undefined,
    };
    const child = processSpawner(environment(folder))(program, listener);
    child.send({ type: "configure", config: order.config });
    workers.push(child);
  };
  start(0);
  const pid = await giveTask(bus);
  start(1);
  await until(async () => (await bus.redis.get(names.heartbeatKey("bench:qna:1"))) !== null);
  const killedAt = performance.now();
  process.kill(pid, "SIGKILL");
  await result(bus);
  const tookMs = performance.now() - killedAt;
  for (const child of workers) child.signal("SIGKILL");
  return tookMs;
}

/** Adds a task; resolves with the process that has taken it. */
async function giveTask({ redis }) {
  await redis.del(names.resultStream);
  const listening = redis.duplicate();
  await listening.subscribe("progress.qna");
  const id = `bench.qna.${Date.now()}`;
  const taken = new Promise((resolve) => {
    listening.on("message", (_channel, text) => {
      if (text.startsWith("taken 1 ")) resolve(Number(text.split(" ")[2]));
    });
  });
  const task = {
    specversion: "1.0",
    id,
    source: "bench",
    type: "aimie.task.v1",
    subject: id,
    runid: "bench",
    time: new Date().toISOString(),
    data: { agent: "qna", input: null },
  };
  await redis.xadd(names.taskStream("qna"), "*", "d", JSON.stringify(task));
  const pid = await taken;
  listening.disconnect();
  return pid;
}

async function result({ redis }) {
  const waiting = redis.duplicate();
  await waiting.xread("BLOCK", 60_000, "STREAMS", names.resultStream, "0");
  waiting.disconnect();
}

/** A run of the product whose simulation worker, then whose orchestrator is killed. */
async function killInRun(folder, broker, name) {
  const home = join(folder, name);
  mkdirSync(home);
  const state = join(home, "s");
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    XDG_STATE_HOME: state,
    XDG_CACHE_HOME: folder,
    AIMIE_BROKER: broker,
  };
  const start = (args) =>
    spawn(process.execPath, [join(root, "bin/aimie-console.js"), ...args], {
      env,
      stdio: "ignore",
      cwd: home,
    });
  const holder = start(["broker"]);
  const redis = new Redis({
    path: join(state, "aimie-console", "broker", `${broker}.sock`),
    retryStrategy: () => 50,
    maxRetriesPerRequest: null,
  });
  redis.on("error", () => undefined);
  await redis.ping();
  const listening = redis.duplicate();
  await listening.subscribe("progress.simulation");
  let started = [];
  listening.on("message", (_channel, text) => {
    if (text.includes('"started"') && text.includes('"worker"')) started.push(performance.now());
  });
  const product = start([
    "run",
    "--set",
    `model=${slowModel(home)}`,
    "--question",
    "What is the peak of level?",
  ]);
  const ended = new Promise((resolve) => product.once("exit", resolve));
  await until(() => started.length > 0);
  const pidOf = async (agent) => {
    const [slot] = (await redis.smembers(names.heartbeatIndex)).filter((one) =>
      one.includes(`:${agent}:`),
    );
    return JSON.parse(await redis.get(names.heartbeatKey(slot))).pid;
  };
  started = [];
  const agentAt = performance.now();
  process.kill(await pidOf("simulation"), "SIGKILL");
  await until(() => started.length > 0);
  const agent = started[0] - agentAt;
  const fence = await redis.get(names.fence);
  const orchestratorAt = performance.now();
  process.kill(await pidOf("orchestrator"), "SIGKILL");
  await until(async () => (await redis.get(names.fence)) !== fence);
  const orchestrator = performance.now() - orchestratorAt;
  await ended;
  for (const connection of [redis, listening]) connection.disconnect();
  holder.kill("SIGINT");
  return { agent, orchestrator };
}

function slowModel(folder) {
  const path = join(folder, "slow.xmile");
  const sum = Array.from({ length: 50 }, (_, index) => `SIN(TIME + ${index})`).join(" + ");
  const save = SLOW_STEPS / 100;
  writeFileSync(
    path,
    `<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0" xmlns:isee="http://iseesystems.com/XMILE">
<header><vendor>bench</vendor><product version="1.0">bench</product><name>Slow</name></header>
<sim_specs method="RK4" time_units="Days" isee:save_interval="${save}"><start>0</start><stop>${SLOW_STEPS}</stop><dt>1</dt></sim_specs>
<model><variables><stock name="level"><eqn>1</eqn><inflow>filling</inflow></stock><flow name="filling"><eqn>${sum}</eqn></flow></variables></model>
</xmile>\n`,
  );
  return path;
}

async function until(holds) {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5));
}

function report(name, values) {
  const sorted = [...values].sort((a, b) => a - b);
  const round = (value) => `${Math.round(value)}`.padStart(5);
  const median = sorted[Math.floor(sorted.length / 2)];
  process.stdout.write(
    `${name.padEnd(52)} median ${round(median)} ms  [${round(sorted[0])} ..${round(sorted.at(-1))} ]\n`,
  );
}
