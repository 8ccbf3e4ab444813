import { OperatorError } from "../../base/operator-error.ts";
import { AGENT_NAMES } from "../../protocol/ids.ts";
import { closestTo } from "../suggest.ts";
import { defineVerb } from "../verb.ts";

/** Runs the workers of one agent. */
export const agentVerb = defineVerb({
  name: "agent",
  group: "the system",
  summary: "keep a worker of one agent running, on this or another machine",
  operands: "NAME",
  count: [1, 1],
  details: [
    `NAME is ${AGENT_NAMES.join(", ")}, or an agent of your own below\n./agents. The worker takes tasks from the bus beside all others that play the agent; --workers\nNAME=N starts N of it. SIGINT or SIGTERM lets it finish what it has\nin hand. Exit code 3 when the bus cannot be reached, 7 when every worker was given up.`,
  ],
  flags: {},
  examples: [
    {
      line: "aimie-console agent simulation --redis redis://bus:6379",
      says: "one more simulation worker for the consoles on that Redis",
    },
  ],
  async perform(context) {
    const [wanted = ""] = context.operands;
    const { customAgents, untrustedAgent } = await import("../custom-agents.ts");
    const own = customAgents(context.config);
    const custom = own.find((one) => one.name === wanted);
    const problem =
      custom === undefined || context.config.external.value.some((one) => one === wanted)
        ? custom?.problem
        : (custom.problem ?? untrustedAgent(custom));
    if (problem !== undefined) {
      const { message, remedy } = problem;
      throw new OperatorError({ code: "usage", message, nextStep: remedy });
    }
    const name = AGENT_NAMES.find((one) => one === wanted) ?? custom?.opened?.name;
    if (name === undefined) {
      const names = [...AGENT_NAMES, ...own.map((one) => one.name)];
      const closest = closestTo(wanted, names);
      const nextStep =
        closest === undefined ? `the agents are ${names.join(", ")}` : `did you mean ${closest}?`;
      throw new OperatorError({
        code: "usage",
        message: `there is no agent "${wanted}"`,
        nextStep,
      });
    }
    const { holdCrew } = await import("../hold-crew.ts");
    return await holdCrew(context, { only: [name], agents: "own" });
  },
});
