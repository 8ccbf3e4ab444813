/** Real workers whose tool needs no server: for measurements, and for breaking things. */
import { appendFileSync } from "node:fs";
import { z } from "zod";
import { runTaskAgent } from "../../src/agents/runtime/task-agent.ts";
import type { ToolSession } from "../../src/agents/runtime/tool-session.ts";
import type { TaskAgentName } from "../../src/protocol/ids.ts";

/** Where every execution is written down, a line each; not set when nobody counts. */
const executions = process.env["CHAOS_EXECUTIONS"];

/** Longest time a task takes where executions are counted, milliseconds. */
const LONGEST_WORK_MS = 30;

/** Answers at once. */
const idleTools: ToolSession = {
  offers: () => Promise.resolve({ ok: true, value: [] }),
  call: () => Promise.resolve({ ok: true, value: { status: "simulated" } }),
  close: () => Promise.resolve(),
};

/** Writes down what it was called with, takes a while, and passes on what it was given. */
function countedTools(path: string): ToolSession {
  return {
    offers: idleTools.offers,
    async call({ tool, arguments: { input } }) {
      const given = JSON.stringify(input);
      appendFileSync(path, `${tool} ${given}\n`);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * LONGEST_WORK_MS));
      return { ok: true, value: { status: given } };
    },
    close: () => Promise.resolve(),
  };
}

/** Runs a worker of `agent` to its end. */
export async function runIdleAgent(agent: TaskAgentName): Promise<void> {
  await runTaskAgent(
    {
      agent,
      inputSchema: z.unknown(),
      outputSchema: z.object({ status: z.string() }),
      tasksAtOnce: executions === undefined ? 50 : 4,
      toolConfig: () => ({}),
      toolCall: (input) => ({ tool: agent, arguments: { input } }),
    },
    { openTools: () => (executions === undefined ? idleTools : countedTools(executions)) },
  );
}
