/** A bus, two crews of workers, and the hand that breaks them. */
import { fork, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { openConnection, probe } from "../../src/bus/connection.ts";
import { findServer } from "../../src/bus/locate-bus.ts";
import { namesOf } from "../../src/protocol/names.ts";
import { buildPrograms } from "./programs.mjs";

/** Short, so that a dead worker's task is taken over within the round. */
const LEASE_MS = 2500;

/** The slots of each crew; killing one leaves the other. */
const CREWS = [
  ["orchestrator:0", "simulation:0", "qna:0", "viz:0"],
  ["orchestrator:1", "simulation:1"],
];

/** Starts everything; resolves when the bus answers. */
export async function openWorld(broker, tell) {
  // Short, because a unix socket's path is.
  const folder = mkdtempSync(join(tmpdir(), "c-"));
  mkdirSync(join(folder, "bus"));
  const program = await buildPrograms(join(folder, "p"));
  const world = new World({ broker, folder, program, tell });
  await world.start();
  return world;
}

class World {
  constructor({ broker, folder, program, tell }) {
    this.broker = broker;
    this.folder = folder;
    this.program = program;
    this.tell = tell;
    this.names = namesOf("default");
    this.path = join(folder, "bus", `${broker}.sock`);
    this.address = { kind: "unix", path: this.path };
    this.executions = join(folder, "executions");
    this.pids = new Map();
    this.standstills = new Set();
    this.faults = new Map();
    this.closed = false;
  }

  async start() {
    await this.#startBroker();
    this.connection = openConnection(this.address, "command");
    this.crews = CREWS.map((slots) => this.#startCrew(slots));
  }

  /** Breaks what the plan says when it says so. */
  async play(plan) {
    const began = performance.now();
    for (const fault of plan) {
      await delay(Math.max(0, fault.at - (performance.now() - began)));
      this.tell(`${fault.at} ms: ${fault.kind} ${describe(fault)}`);
      this.faults.set(fault.kind, (this.faults.get(fault.kind) ?? 0) + 1);
      this.#strike(fault);
    }
  }

  #strike({ kind, worker, crew, standstillMs }) {
    switch (kind) {
      case "kill-worker":
        return signal(this.pids.get(worker), "SIGKILL");
      case "stop-worker":
        return this.#stop(this.pids.get(worker), standstillMs);
      case "kill-console":
        return signal(this.crews[crew].pid, "SIGKILL");
      case "stop-console":
        return this.#stop(this.crews[crew].pid, standstillMs);
      case "kill-broker":
        return signal(this.server.pid, "SIGKILL");
      case "stop-broker":
        return this.#stop(this.server.pid, standstillMs);
      case "cut-connections":
        return void this.connection.call("CLIENT", "KILL", "TYPE", "normal").catch(() => undefined);
      case "forget-scripts":
        return void this.connection.call("SCRIPT", "FLUSH").catch(() => undefined);
      default:
        throw new Error(`no such fault: ${kind}`);
    }
  }

  #stop(pid, standstillMs) {
    if (pid === undefined || pid === null) return;
    signal(pid, "SIGSTOP");
    const timer = setTimeout(() => {
      this.standstills.delete(resume);
      signal(pid, "SIGCONT");
    }, standstillMs);
    const resume = () => {
      clearTimeout(timer);
      signal(pid, "SIGCONT");
    };
    this.standstills.add(resume);
  }

  /** Lets everything run again. */
  async heal() {
    for (const resume of this.standstills) resume();
    this.standstills.clear();
    await this.#untilBrokerAnswers();
  }

  async #startBroker() {
    const folder = join(this.folder, "bus");
    const [program, ...args] = this.#brokerCommand(folder);
    const server = spawn(program, args, { stdio: ["ignore", "ignore", "inherit"] });
    this.server = server;
    server.once("exit", () => {
      if (!this.closed && this.server === server) void this.#startBroker();
    });
    await this.#untilBrokerAnswers();
  }

  #brokerCommand(folder) {
    if (this.broker === "embedded") {
      return [
        process.execPath,
        this.program("broker"),
        JSON.stringify({ kind: "embedded", folder }),
      ];
    }
    const server = findServer(`${process.env.PATH}:/usr/bin:/usr/local/bin`);
    if (server === undefined) throw new Error("no redis-server or valkey-server is on PATH");
    const settings = [
      "--port",
      "0",
      "--save",
      "",
      "--appendonly",
      "yes",
      "--appendfsync",
      "everysec",
    ];
    return [server, "--unixsocket", this.path, "--dir", folder, ...settings];
  }

  async #untilBrokerAnswers() {
    while (!this.closed) {
      const answers = await probe(this.address, 1000).then(
        () => true,
        () => false,
      );
      if (answers) return;
      await delay(20);
    }
  }

  #startCrew(slots) {
    const child = fork(this.program("crew"), [], {
      detached: true,
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    child.on("message", (message) => {
      const slot = message.slot.slice("chaos:".length);
      if (message.type === "change") this.pids.set(slot, message.pid);
      else if (message.level !== "info") this.tell(`  ${slot} ${message.level}: ${message.text}`);
    });
    child.once("exit", () => {
      const index = this.crews?.indexOf(child) ?? -1;
      if (!this.closed && index >= 0) this.crews[index] = this.#startCrew(slots);
    });
    const environment = { PATH: process.env.PATH ?? "", CHAOS_EXECUTIONS: this.executions };
    child.send({ orders: slots.map((slot) => this.#orderFor(slot)), environment });
    return child;
  }

  #orderFor(slot) {
    const [agent] = slot.split(":");
    return {
      program: this.program(agent),
      config: {
        slot: `chaos:${slot}`,
        agent,
        version: "0",
        host: "chaos",
        busAddress: `unix:${this.path}`,
        namespace: "default",
        leaseMs: LEASE_MS,
        drainDeadlineMs: 1500,
        artifactFolder: this.folder,
        modelFolders: [],
        definitionHashes: {},
        commandModels: { trustFile: "", environment: {} },
        toolServerProgram: "",
        compileCacheFolder: this.folder,
      },
    };
  }

  async close() {
    this.closed = true;
    for (const resume of this.standstills) resume();
    await Promise.all(
      this.crews.map(async (crew) => {
        if (crew.connected) crew.send("close");
        const left = performance.now() + 15_000;
        while (crew.exitCode === null && crew.signalCode === null && performance.now() < left) {
          await delay(50);
        }
        signal(crew.pid, "SIGKILL");
      }),
    );
    this.connection.disconnect();
    signal(this.server.pid, "SIGTERM");
    for (let looks = 0; looks < 100 && this.processesLeft().length > 0; looks += 1)
      await delay(100);
  }

  /** The command lines of processes that still run from this world's folder. */
  processesLeft() {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map((name) => read(`/proc/${name}/cmdline`).replaceAll("\0", " "))
      .filter((line) => line.includes(`${this.folder}/`));
  }

  remove() {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function describe({ kind, worker, crew, standstillMs }) {
  const what = kind.endsWith("worker") ? worker : kind.endsWith("console") ? `crew ${crew}` : "";
  return kind.startsWith("stop") ? `${what} for ${standstillMs} ms` : what;
}

function signal(pid, name) {
  if (pid === undefined || pid === null) return;
  try {
    process.kill(pid, name);
  } catch {
    // It has ended already.
  }
}

function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
