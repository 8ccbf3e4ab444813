import { LEAVE_FLAGS, RUN_FLAGS } from "../run-flags.ts";
import { defineVerb } from "../verb.ts";

/** Runs a flow and ends with its exit code. */
export const runVerb = defineVerb({
  name: "run",
  group: "runs",
  summary: "run a flow without a screen",
  operands: "[FLOW|FILE]",
  count: [0, 1],
  details: [
    "FLOW is a name that aimie-console flows lists, FILE a flow file (*.yaml).\nWithout either the built-in flow runs: a simulation, then a question about it and a chart.",
  ],
  flags: { ...RUN_FLAGS, ...LEAVE_FLAGS },
  examples: [
    {
      line: 'aimie-console run --question "When does infectious peak?"',
      says: "the built-in flow with a question of your own",
    },
    {
      line: "aimie-console run --set model=supply-chain --output json | jq .answer",
      says: "another model; one JSON object at the end",
    },
    {
      line: "aimie-console run my-flow.yaml --redis redis://127.0.0.1:6379 --timeout 60",
      says: "a flow of your own on a Redis of your own, cancelled after a minute",
    },
    {
      line: "aimie-console run --detach",
      says: "prints the run's id; aimie-console wait @latest waits for it",
    },
  ],
  async perform(context) {
    const { detach, attach } = context.flags;
    if (attach !== undefined) return await (await import("../run-detached.ts")).attachTo(context);
    if (detach) return await (await import("../run-detached.ts")).runDetached(context);
    return await (await import("../front-ends.ts")).runWithoutScreen(context);
  },
});
