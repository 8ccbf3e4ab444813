/** The workers of a world: the real ones, with tools that follow a script and leases without a thread. */
import { z } from "zod";
import { orchestrate } from "../../src/agents/orchestrator/agent.ts";
import { workOnTasks } from "../../src/agents/runtime/task-agent.ts";
import type { ToolCall, ToolSession } from "../../src/agents/runtime/tool-session.ts";
import type { WorkerContext } from "../../src/agents/runtime/worker-context.ts";
import type { Random } from "../../src/base/random.ts";
import type { Result } from "../../src/base/result.ts";
import { err, ok } from "../../src/base/result.ts";
import type { RedisConnection } from "../../src/bus/connection.ts";
import type { LeaseKeeper } from "../../src/bus/lease-keeper.ts";
import { runScript } from "../../src/bus/run-script.ts";
import { renewScript } from "../../src/bus/scripts/renew.ts";
import type { Failure } from "../../src/protocol/failure.ts";
import type { AgentName } from "../../src/protocol/ids.ts";
import { namesOf } from "../../src/protocol/names.ts";
import { orderOf } from "../support/worker-fixtures.ts";
import type { MemoryConnection } from "./memory-bus.ts";

/** How long a task is a worker's without a sign of it, milliseconds. */
export const LEASE_MS = 3000;

/** What every tool says: it would do for a qna worker, so that it may be taken again. */
const ANSWER = {
  ...{ status: "answered", question: "q", answer: "a", value: null, unit: null },
  ...{ how: "", sql: null, suggestions: [] },
};

/** Lets a worker begin; what it does from then on are commands on its connections. */
export function startWorker(
  [agent, number]: readonly [AgentName, number],
  connections: Readonly<Record<"command" | "blocking" | "subscriber", MemoryConnection>>,
  random: Random,
): void {
  const { config } = orderOf(agent, number);
  const context: WorkerContext = {
    config: { ...config, leaseMs: LEASE_MS },
    names: namesOf("default"),
    address: { kind: "unix", path: "/nowhere" },
    command: connections.command.asRedis(),
    blocking: connections.blocking.asRedis(),
    subscriber: connections.subscriber.asRedis(),
    draining: new AbortController().signal,
    setActivity: () => undefined,
    log: () => undefined,
    tell: () => undefined,
  };
  if (agent === "orchestrator") {
    void orchestrate(context);
    return;
  }
  void workOnTasks(
    {
      agent,
      inputSchema: z.unknown(),
      outputSchema: z.looseObject({ status: z.string() }),
      tasksAtOnce: number + 1,
      toolConfig: () => ({}),
      toolCall: () => ({ tool: "scripted", arguments: {} }),
    },
    context,
    {
      openTools: () => scriptedTools(random),
      keepLeases: (bus, { group, consumer, leaseMs }) =>
        keepLeases(bus.command, [group, consumer], leaseMs),
    },
  );
}

function scriptedTools(random: Random): ToolSession {
  return {
    offers: () => Promise.resolve(ok([])),
    call: (call) => callTool(call, random),
    close: () => Promise.resolve(),
  };
}

async function callTool({ signal }: ToolCall, random: Random): Promise<Result<unknown, Failure>> {
  const ticket = random.next();
  const never = ticket > 0.97;
  const stopped = await new Promise<boolean>((resolve) => {
    signal.addEventListener("abort", () => resolve(true));
    if (!never) setTimeout(() => resolve(false), random.next() * 800);
  });
  if (stopped) return err({ kind: "cancelled", message: "stopped" });
  if (ticket > 0.93) return err({ kind: "invalid-input", message: "no" });
  if (ticket > 0.8) return err({ kind: "tool", message: "broken" });
  return ok(ANSWER);
}

/** The lease keeper's work without its thread. */
function keepLeases(
  connection: RedisConnection,
  [group, consumer]: readonly [string, string],
  leaseMs: number,
): LeaseKeeper {
  return {
    hold({ stream, id }, onLost) {
      const renewal = setInterval(() => {
        runScript(connection, renewScript, [stream], [group, consumer, id]).then(
          (held) => {
            if (held !== 1) onLost();
          },
          () => undefined,
        );
      }, leaseMs / 3);
      return () => clearInterval(renewal);
    },
    close: () => Promise.resolve(),
  };
}
