import { defineVerb } from "../verb.ts";

/** Shows a run. */
export const showVerb = defineVerb({
  name: "show",
  group: "runs",
  summary: "what became of a run; RUN is an id, its beginning, or @latest",
  operands: "RUN",
  count: [1, 1],
  flags: {},
  examples: [
    { line: "aimie-console show @latest", says: "the last run: status, answer, charts" },
    {
      line: "aimie-console show @latest --output json | jq '.steps[] | select(.step == \"simulation\").output'",
      says: "the output of one step",
    },
  ],
  async perform({ operands: [wanted = ""], flags, config, output }) {
    await (await import("../show-run.ts")).showRun(config, wanted, flags.output, output);
    return 0;
  },
});
