/** Checks the bus: whether it answers, and whether it keeps what it is given. */
import { errorMessage } from "../../base/error-message.ts";
import { OperatorError } from "../../base/operator-error.ts";
import { maskAddress } from "../../bus/address.ts";
import type { RedisConnection } from "../../bus/connection.ts";
import { openConnection } from "../../bus/connection.ts";
import type { LocatedBus } from "../../bus/locate-bus.ts";
import { findServer } from "../../bus/locate-bus.ts";
import type { Config } from "../config.ts";
import { findRunningBus } from "../running-bus.ts";
import type { Finding } from "./finding.ts";
import { fail, fine, warn } from "./finding.ts";

/** Pings sent to measure the answer's time. */
const PINGS = 10;

/** An answer slower than this makes every step slow, milliseconds. */
const SLOW_PING_MS = 50;

/** Checks the bus of a configuration; starts nothing. */
export async function checkBus(config: Config): Promise<readonly Finding[]> {
  let bus: LocatedBus | undefined;
  try {
    bus = await findRunningBus(config);
  } catch (cause) {
    const remedy = cause instanceof OperatorError ? cause.nextStep : "check the address";
    return [fail("bus", errorMessage(cause), remedy)];
  }
  if (bus === undefined) return [checkServer(config)];
  const connection = openConnection(bus.address, "command");
  try {
    const facts = await readFacts(connection);
    const where = `${bus.kind} bus at ${maskAddress(bus.address)}`;
    return [
      fine("bus", `${where} answers, version ${facts.get("redis_version") ?? "unknown"}`),
      checkPing(await medianPingMs(connection)),
      ...judgeFacts(facts, bus.kind),
    ];
  } catch (cause) {
    return [fail("bus", `the bus does not answer: ${errorMessage(cause)}`, "see docs/PROTOCOL.md")];
  } finally {
    connection.disconnect();
  }
}

function checkServer(config: Config): Finding {
  const server = findServer(config.environment.searchPath);
  if (server !== undefined) return fine("bus", `no broker runs; the next start uses ${server}`);
  if (config.broker.value === "redis") {
    const remedy = "install redis-server, or use --broker embedded";
    return fail("bus", "neither valkey-server nor redis-server is on PATH", remedy);
  }
  return fine("bus", "no broker runs; the next start uses the embedded one");
}

async function readFacts(connection: RedisConnection): Promise<ReadonlyMap<string, string>> {
  const info = String(await connection.call("INFO"));
  return new Map(
    [...info.matchAll(/^([a-z_]+):(.*?)\r?$/gm)].map(([, name = "", value = ""]) => [name, value]),
  );
}

async function medianPingMs(connection: RedisConnection): Promise<number> {
  const times: number[] = [];
  for (let count = 0; count < PINGS; count += 1) {
    const began = performance.now();
    await connection.ping();
    times.push(performance.now() - began);
  }
  return times.sort((left, right) => left - right)[PINGS / 2] ?? 0;
}

function checkPing(ms: number): Finding {
  const text = `a ping takes ${ms.toFixed(ms < 10 ? 2 : 0)} ms`;
  if (ms <= SLOW_PING_MS) return fine("bus", text);
  return warn("bus", text, "run the workers nearer to Redis");
}

/** What INFO says of the safety of what is stored. */
export function judgeFacts(
  facts: ReadonlyMap<string, string>,
  kind: LocatedBus["kind"],
): readonly Finding[] {
  const findings: Finding[] = [];
  const role = facts.get("role");
  if (role !== undefined) {
    findings.push(
      role === "master"
        ? fine("bus", "it is the primary server")
        : fail("bus", `its role is ${role}: it takes no writes`, "give the primary's address"),
    );
  }
  const policy = facts.get("maxmemory_policy");
  const limit = Number(facts.get("maxmemory") ?? 0);
  if (policy !== undefined && policy !== "noeviction") {
    const remedy = "CONFIG SET maxmemory-policy noeviction";
    const judge = limit > 0 ? fail : warn;
    findings.push(judge("bus", `maxmemory-policy is ${policy}: runs may be evicted`, remedy));
  } else if (policy !== undefined) findings.push(fine("bus", "maxmemory-policy is noeviction"));
  const appends = facts.get("aof_enabled");
  if (appends === "1") findings.push(fine("bus", "appendonly is on: a restart loses a second"));
  else if (kind === "given") {
    const remedy = "CONFIG SET appendonly yes";
    findings.push(warn("bus", "appendonly is not on: a restart may lose runs", remedy));
  }
  return findings;
}
