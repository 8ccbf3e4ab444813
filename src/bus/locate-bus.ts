/**
 * Which Redis is used. A given address is used or the attempt fails; without one, a private
 * redis-server (or valkey-server) from PATH, else the embedded broker. Never falls back silently.
 */
import { execFileSync, spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { errorMessage } from "../base/error-message.ts";
import { makeFolder } from "../base/make-folder.ts";
import { OperatorError } from "../base/operator-error.ts";
import type { BusAddress } from "./address.ts";
import { maskAddress, parseBusAddress } from "./address.ts";
import type { ProbedBus } from "./connection.ts";
import { probe } from "./connection.ts";

/** What kind of bus is in use. */
export type BusKind = "given" | "redis" | "embedded";

/** A bus that answers. */
export interface LocatedBus {
  readonly kind: BusKind;
  readonly address: BusAddress;
}

/** What the search needs to know. */
export interface LocateOptions {
  /** The address the user gave; undefined to find or start one. */
  readonly url: string | undefined;
  readonly choice: "auto" | "redis" | "embedded";
  /** Where private brokers live; made with mode 0700. */
  readonly folder: string;
  /** The value of PATH. */
  readonly searchPath: string;
  /** The program that runs a broker (see broker-main.ts). */
  readonly brokerProgram: string;
  /** When a broker that is started puts its data on the disk itself; each second by default. */
  readonly fsync?: "everysec" | "always";
  readonly onProgress?: (message: string) => void;
}

/** How long a given address may take to answer. */
const GIVEN_TIMEOUT_MS = 3000;

/** How long a broker of ours may take to start. */
const START_TIMEOUT_MS = 10_000;

/** Longest path of a unix socket on Linux and macOS (sun_path less the terminating zero). */
export const MAXIMUM_SOCKET_PATH = 103;

/**
 * Finds or starts the bus.
 * @throws OperatorError `bus-unreachable` with what was tried, `usage` for a malformed address.
 */
export async function locateBus(options: LocateOptions): Promise<LocatedBus> {
  if (options.url !== undefined) return await locateGiven(options.url);
  const found = options.choice === "embedded" ? undefined : findServer(options.searchPath);
  const server = found !== undefined && isTooOld(versionOf(found)) ? undefined : found;
  if (found !== server) options.onProgress?.(`${found} is older than ${OLDEST} and not used`);
  if (options.choice === "redis" && server === undefined) {
    throw new OperatorError({
      code: "bus-unreachable",
      message: `no valkey-server or redis-server of version ${OLDEST} or newer is on PATH`,
      nextStep: "install one, give --redis URL, or use --broker embedded",
    });
  }
  const kind = server === undefined ? "embedded" : "redis";
  return { kind, address: await reachPrivate(options, kind, server) };
}

/** The private server program on a search path, valkey before redis. */
export function findServer(searchPath: string): string | undefined {
  for (const name of ["valkey-server", "redis-server"]) {
    for (const folder of searchPath.split(delimiter).filter((part) => part !== "")) {
      const path = join(folder, name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // Not here; the search goes on.
      }
    }
  }
  return undefined;
}

/** The socket of the private broker of a kind. */
export function brokerSocket(folder: string, kind: "redis" | "embedded"): string {
  return join(folder, `${kind}.sock`);
}

async function locateGiven(url: string): Promise<LocatedBus> {
  const address = parseBusAddress(url);
  if (!address.ok) {
    throw new OperatorError({
      code: "usage",
      message: `--redis: ${address.error}`,
      nextStep: "correct the address",
    });
  }
  let probed: ProbedBus;
  try {
    probed = await probe(address.value, GIVEN_TIMEOUT_MS);
  } catch (cause) {
    throw new OperatorError(
      {
        code: "bus-unreachable",
        message: `no answer from Redis at ${maskAddress(address.value)}: ${errorMessage(cause)}`,
        nextStep: "check that it runs and the address is right, or leave --redis away",
      },
      { cause },
    );
  }
  if (isTooOld(probed.version)) {
    throw new OperatorError({
      code: "bus-unreachable",
      message: `Redis at ${maskAddress(address.value)} is version ${probed.version}`,
      nextStep: `use ${OLDEST} or newer, or leave --redis away`,
    });
  }
  return { kind: "given", address: probed.address };
}

/** The oldest Redis that has every command we need (XAUTOCLAIM came with it). */
const OLDEST = "6.2";

/** Whether a version is older than the oldest we can use; an unknown one is given a chance. */
function isTooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return version !== "" && (major < 6 || (major === 6 && minor < 2));
}

function versionOf(server: string): string {
  try {
    const text = execFileSync(server, ["--version"], { encoding: "utf8", timeout: 2000 });
    return /\bv=(\S+)/.exec(text)?.[1] ?? "";
  } catch {
    return ""; // It will say at its start what is wrong with it.
  }
}

async function reachPrivate(
  options: LocateOptions,
  kind: "redis" | "embedded",
  server: string | undefined,
): Promise<BusAddress> {
  const path = brokerSocket(options.folder, kind);
  if (Buffer.byteLength(path) > MAXIMUM_SOCKET_PATH) {
    throw new OperatorError({
      code: "usage",
      message: `the path of the broker's socket is too long: ${path}`,
      nextStep: "set XDG_STATE_HOME to a shorter path, or give --redis URL",
    });
  }
  const address: BusAddress = { kind: "unix", path };
  makeFolder(options.folder);
  if (await answers(address)) return address;
  options.onProgress?.(kind === "redis" ? `starting ${server}` : "starting the embedded broker");
  const { folder, fsync = "everysec" } = options;
  const order = { kind, folder, fsync, ...(server === undefined ? {} : { server }) };
  let starting = startBroker(options.brokerProgram, order);
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline) {
    if (await answers(address)) return address;
    await new Promise((resolve) => setTimeout(resolve, 15));
    const refusal = starting.refusal();
    if (refusal !== undefined) throw refusal;
    // One that ended at once may have met the lock of another that was about to leave.
    if (starting.hasEnded() && !(await answers(address))) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      starting = startBroker(options.brokerProgram, order);
    }
  }
  throw new OperatorError({
    code: "bus-unreachable",
    message: `the ${kind} broker did not start: ${starting.lastWords()}`,
    nextStep: "try --broker embedded, or give --redis URL",
  });
}

async function answers(address: BusAddress): Promise<boolean> {
  try {
    await probe(address, 1000);
    return true;
  } catch {
    return false;
  }
}

/** What a broker process is told, as JSON in its only argument. */
export interface BrokerOrder {
  readonly kind: "redis" | "embedded";
  readonly folder: string;
  readonly server?: string;
  readonly fsync: "everysec" | "always";
}

/** The exit code of a broker that only the operator can help; the words for it are on stderr. */
export const BROKER_REFUSED = 3;

interface StartingBroker {
  lastWords(): string;
  hasEnded(): boolean;
  /** What the operator has to mend before any broker can start. */
  refusal(): OperatorError | undefined;
}

function startBroker(program: string, order: BrokerOrder): StartingBroker {
  const child = spawn(process.execPath, [program, JSON.stringify(order)], {
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let words = "";
  let ended = "";
  child.stderr.setEncoding("utf8");
  child.stderr.on("data", (text: string) => {
    words = (words + text).slice(-2000);
  });
  child.on("error", (cause) => {
    ended = cause.message;
  });
  let refused = false;
  // Not "exit": the last words may come after it.
  child.on("close", (code, signal) => {
    refused = code === BROKER_REFUSED;
    ended = `it ended with ${signal ?? `exit code ${code}`}`;
  });
  child.unref();
  // The pipe must not keep this process alive once the broker serves.
  if ("unref" in child.stderr && typeof child.stderr.unref === "function") child.stderr.unref();
  return {
    hasEnded: () => ended !== "",
    refusal() {
      if (!refused) return undefined;
      const [message = "", nextStep = ""] = words.trim().split("\n").slice(-2);
      return new OperatorError({ code: "bus-unreachable", message, nextStep });
    },
    lastWords: () => [ended, words.trim()].filter((part) => part !== "").join("; ") || "no answer",
  };
}
