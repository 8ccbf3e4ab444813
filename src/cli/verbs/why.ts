import { defineVerb } from "../verb.ts";

/** Explains why a step stands where it stands. */
export const whyVerb = defineVerb({
  name: "why",
  group: "runs",
  summary: "the events that explain where a step stands",
  operands: "RUN STEP",
  count: [2, 2],
  details: ["The newest event comes first; the last line is what a person asked for."],
  flags: {},
  examples: [
    { line: "aimie-console why @latest viz", says: "the chain of events behind viz" },
    {
      line: "aimie-console why @latest viz --output json | jq -r '.chain[].says'",
      says: "the same for a script",
    },
  ],
  async perform({ operands: [wanted = "", step = ""], flags, config, output }) {
    const { tellWhy } = await import("../tell-why.ts");
    await tellWhy(config, { wanted, step, form: flags.output }, output);
    return 0;
  },
});
