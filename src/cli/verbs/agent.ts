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
    `NAME is ${AGENT_NAMES.join(", ")}. The worker takes tasks from the\nbus beside all others that play the agent; --workers NAME=N starts N of them. SIGINT or SIGTERM\nlets it finish what it has in hand. Exit code 3 when the bus cannot be reached, 7 when every\nworker was given up.`,
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
    const name = AGENT_NAMES.find((one) => one === wanted);
    if (name === undefined) {
      const closest = closestTo(wanted, AGENT_NAMES);
      const nextStep =
        closest === undefined
          ? `the agents are ${AGENT_NAMES.join(", ")}`
          : `did you mean ${closest}?`;
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
