/** `up --detach` and `down`: a supervisor that outlives its terminal, and its end. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { z } from "zod";
import { CLOSE_DEADLINE_MS } from "../agents/supervisor/deadlines.ts";
import { startTimeOf } from "../agents/supervisor/process-registry.ts";
import { OperatorError } from "../base/operator-error.ts";
import { parseBoundedJson } from "../protocol/parse-message.ts";
import type { Config } from "./config.ts";
import { environmentWith } from "./config.ts";
import { writeCrewSizes } from "./crew-sizes.ts";
import { openRegistry } from "./open-console.ts";
import { findPackagePaths } from "./package-paths.ts";

/** How long a detached supervisor may take until its workers are ready, milliseconds. */
const READY_MS = 30_000;

/** How often it is looked whether a process has ended, milliseconds. */
const LOOK_EVERY_MS = 50;

const upSchema = z.object({
  type: z.literal("up"),
  version: z.literal(1),
  pid: z.int(),
  bus: z.string(),
  address: z.string(),
  slots: z.array(z.string()),
});

/** What the supervisor says when it cannot do its work. */
const saidErrorSchema = z.object({
  code: z.enum(["usage", "bus-unreachable", "conflict", "worker-lost", "timeout"]),
  message: z.string(),
  nextStep: z.string(),
});

/** A detached supervisor whose workers are ready. */
export type DetachedSupervisor = z.infer<typeof upSchema>;

/**
 * Starts the supervisor as a process of its own; resolves when its workers are ready.
 * @throws OperatorError of the supervisor when it says why it cannot work; `worker-lost` when it
 *   ended otherwise, or its workers were not ready in time.
 */
export function startDetached(config: Config, agents: "auto" | "own"): Promise<DetachedSupervisor> {
  const program = join(findPackagePaths().programs, "cli.js");
  const child = spawn(process.execPath, [program, "up", "--output", "jsonl"], {
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: environmentWith(settingsOf(config, agents)),
  });
  return new Promise((resolve, reject) => {
    let said = "";
    let words = "";
    const fail = (what: string): void => {
      const message = `the supervisor without a screen ${what}: ${words.trim().slice(-500)}`;
      const nextStep = "try aimie-console up in the foreground";
      reject(new OperatorError({ code: "worker-lost", message, nextStep }));
    };
    const late = setTimeout(() => fail("was not ready in time"), READY_MS);
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      words = (words + text).slice(-4000);
    });
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      const lines = said.split("\n");
      said = lines.pop() ?? "";
      for (const line of lines) {
        const up = upSchema.safeParse(JSON.parse(line));
        if (!up.success) continue;
        clearTimeout(late);
        child.unref();
        for (const stream of [child.stdout, child.stderr]) stream.destroy();
        resolve(up.data);
      }
    });
    child.once("error", (cause) => fail(cause.message));
    child.once("exit", (code, signal) => {
      const own = ownError(words);
      if (own === undefined) fail(`ended with ${signal ?? `exit code ${code}`}`);
      else reject(own);
    });
  });
}

/** The error in the last line of what a supervisor wrote; undefined when it says none. */
function ownError(words: string): OperatorError | undefined {
  const said = parseBoundedJson(words.trim().split("\n").at(-1) ?? "");
  const error = saidErrorSchema.safeParse(said.ok ? said.value : undefined);
  return error.success ? new OperatorError(error.data) : undefined;
}

/** The settings of a configuration as variables: addresses may hold passwords, so not in argv. */
function settingsOf(config: Config, agents: string): Readonly<Record<string, string>> {
  const { redis, broker, namespace, lease, workers, llm } = config;
  return {
    ...(redis.value === undefined ? {} : { AIMIE_REDIS_URL: redis.value }),
    AIMIE_BROKER: broker.value,
    AIMIE_NAMESPACE: namespace.value,
    AIMIE_AGENTS: agents,
    AIMIE_LEASE_MS: String(lease.value),
    AIMIE_WORKERS: writeCrewSizes(workers.value),
    // All else of it is found again where this process has found it.
    AIMIE_LLM_MODEL: llm.value?.name ?? "off",
  };
}

/**
 * Ends the supervisors without a screen of this state folder and namespace; answers their numbers.
 * @throws OperatorError `timeout` when one does not end.
 */
export async function endDetached(config: Config): Promise<readonly number[]> {
  const found = openRegistry(config)
    .list()
    .map(({ entry, fate }) => ({ ...entry, fate }))
    .filter(({ role, fate }) => role === "supervisor" && fate === "running")
    .filter(({ namespace }) => namespace === config.namespace.value);
  for (const { pid } of found) process.kill(pid, "SIGTERM");
  const deadline = Date.now() + CLOSE_DEADLINE_MS;
  for (const { pid, startedAt } of found) {
    while (startTimeOf(pid) === startedAt) {
      if (Date.now() > deadline) {
        const message = `the supervisor ${pid} does not end`;
        const nextStep = "aimie-console doctor shows what runs";
        throw new OperatorError({ code: "timeout", message, nextStep });
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }
  return found.map(({ pid }) => pid);
}
