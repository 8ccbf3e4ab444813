/** Runs the built product the way a user does, in folders of its own. */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { onTestFailed, onTestFinished } from "vitest";
import { z } from "zod";
import type { Ended, Heard } from "./ending.ts";
import { listenTo } from "./ending.ts";
import { REDIS_SERVER } from "./redis-server.ts";
import { waitUntil } from "./wait-until.ts";

const PROGRAM = join(import.meta.dirname, "../../bin/aimie-console.js");

/** Compiled code is shared by all tests, as it is by all starts of an installed product. */
const CACHE = join(import.meta.dirname, "../../node_modules/.cache/products-under-test");

/** How much of what a product said is told when its test fails, characters of each stream. */
const SAID_MAX = 4000;

/** A kind of private broker. */
export type Broker = "embedded" | "redis";

/** The brokers of this machine; a suite runs once on each. */
export const BROKERS: readonly Broker[] =
  REDIS_SERVER === undefined ? ["embedded"] : ["embedded", "redis"];

/** A home for the product under test, with its own XDG folders. */
export interface Place {
  /** Everything else is below it; short, because a unix socket's path is. */
  readonly folder: string;
  readonly home: string;
  /** Where the product is started. */
  readonly work: string;
  /** The product's state folder. */
  readonly state: string;
  readonly broker: Broker;
  readonly env: Readonly<Record<string, string>>;
  /** The socket of the place's private broker. */
  readonly socket: string;
}

/** Makes a place; when the test is over, what still runs in it is ended and its files removed. */
export function newPlace(broker: Broker = "embedded"): Place {
  const folder = mkdtempSync("/tmp/aimie-");
  const home = join(folder, "home");
  const work = join(folder, "work");
  for (const path of [home, work]) mkdirSync(path);
  const state = join(folder, "s", "aimie-console");
  onTestFinished(async () => {
    await waitUntil(`nothing runs in ${folder}`, () => {
      const left = processesOf(folder);
      for (const { pid } of left) signalProcess(pid, "SIGKILL");
      return left.length === 0;
    });
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    folder,
    home,
    work,
    state,
    broker,
    socket: join(state, "broker", `${broker}.sock`),
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: home,
      XDG_STATE_HOME: join(folder, "s"),
      XDG_CACHE_HOME: CACHE,
      XDG_CONFIG_HOME: join(folder, "f"),
      AIMIE_BROKER: broker,
    },
  };
}

/** A product that is running. */
export interface Running extends Heard {
  readonly child: ChildProcess;
  readonly pid: number;
}

/** What can be different from one start to the next. */
export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** Starts the product. */
export function startProduct(
  place: Place,
  args: readonly string[],
  { env = {}, input }: StartOptions = {},
): Running {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd: place.work,
    env: { ...place.env, ...env },
    stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
  });
  const heard = listenTo(child);
  child.stdin?.end(input);
  onTestFailed(() => {
    const said = `${heard.stdout().slice(-SAID_MAX)}\n${heard.stderr().slice(-SAID_MAX)}`.trim();
    process.stderr.write(`\n$ aimie-console ${args.join(" ")}\n${said}\n(${exitOf(child)})\n`);
  });
  const { pid } = child;
  if (pid === undefined) throw new Error("the product could not be started");
  return { ...heard, child, pid };
}

function exitOf({ exitCode, signalCode }: ChildProcess): string {
  return exitCode === null && signalCode === null ? "still runs" : `${exitCode ?? signalCode}`;
}

/** Runs the product to its end. */
export async function runProduct(
  place: Place,
  args: readonly string[],
  options: StartOptions = {},
): Promise<Ended> {
  return await startProduct(place, args, options).ended;
}

/** A process of the machine. */
export interface LivingProcess {
  readonly pid: number;
  readonly command: string;
}

/** The living processes that have `folder` in their command line or their environment. */
export function processesOf(folder: string): readonly LivingProcess[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .flatMap((name) => {
      const command = readProcess(name, "cmdline");
      const found = `${command} ${readProcess(name, "environ")}`.includes(folder);
      return found ? [{ pid: Number(name), command }] : [];
    });
}

function readProcess(pid: string, file: "cmdline" | "environ"): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8").replaceAll("\0", " ").trim();
  } catch {
    return ""; // It has ended, or is somebody else's.
  }
}

/** Waits until no process of a place is left. */
export async function untilNothingRuns(place: Place): Promise<void> {
  await waitUntil(
    `no process is left of ${place.folder}`,
    () => processesOf(place.folder).length === 0,
  );
}

/** Signals a process that may have ended already. */
export function signalProcess(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended.
  }
}

const time = z.iso.datetime().transform((text) => Date.parse(text));
const failure = z.looseObject({ kind: z.string(), message: z.string() });

const runJsonSchema = z.looseObject({
  version: z.literal(1),
  run: z.looseObject({
    id: z.string(),
    session: z.string(),
    flow: z.string(),
    status: z.string(),
    failure: failure.nullable(),
  }),
  answer: z.string().nullable(),
  value: z.number().nullable(),
  charts: z.array(z.object({ title: z.string(), svg: z.string(), png: z.string() })),
  steps: z.array(
    z.looseObject({
      step: z.string(),
      status: z.string(),
      attempt: z.int(),
      startedAt: time.nullable(),
      finishedAt: time.nullable(),
      worker: z.string().nullable(),
      failure: failure.nullable(),
      attempts: z.array(z.looseObject({ attempt: z.int(), status: z.string() })),
    }),
  ),
});

/** The JSON of a run as scripts read it. */
export type RunJson = z.infer<typeof runJsonSchema>;

/** Reads the one JSON object that a run printed. */
export function parseRun(text: string): RunJson {
  return runJsonSchema.parse(JSON.parse(text));
}

/** The step of a run; the test fails when there is none. */
export function stepOf(run: RunJson, name: string): RunJson["steps"][number] {
  const step = run.steps.find((one) => one.step === name);
  if (step === undefined) throw new Error(`the run has no step ${name}`);
  return step;
}
