import { defineVerb } from "../verb.ts";

/** Lists the flows that can be run, with their parameters. */
export const flowsVerb = defineVerb({
  name: "flows",
  group: "flows and models",
  summary: "list the flows that can be run",
  operands: "",
  count: [0, 0],
  flags: {},
  examples: [
    { line: "aimie-console flows --output json | jq -r '.[].name'", says: "the names alone" },
  ],
  async perform({ flags, config, output }) {
    (await import("../list-flows.ts")).printFlows(config, flags.output, output);
    return 0;
  },
});

/** Checks a flow file. */
export const flowsValidateVerb = defineVerb({
  name: "flows validate",
  group: "flows and models",
  summary: "check a flow file; every problem with its line and remedy",
  operands: "FILE",
  count: [1, 1],
  flags: {},
  examples: [
    { line: "aimie-console flows validate my-flow.yaml", says: "exit code 2 when it has problems" },
  ],
  async perform({ operands: [file = ""], flags, config, output }) {
    (await import("../list-flows.ts")).validateFlow(file, flags.output, config, output);
    return 0;
  },
});
