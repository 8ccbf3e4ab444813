import { defineVerb } from "../verb.ts";

/** Lists the living workers. */
export const agentsVerb = defineVerb({
  name: "agents",
  group: "the system",
  summary: "the living workers of the bus, by their heartbeats",
  operands: "",
  count: [0, 0],
  flags: {},
  examples: [
    {
      line: "aimie-console agents --output json | jq -r '.[] | .slot + \" \" + .activity'",
      says: "what each worker does",
    },
  ],
  async perform({ flags, config, output }) {
    await (await import("../list-agents.ts")).listAgents(config, flags.output, output);
    return 0;
  },
});
