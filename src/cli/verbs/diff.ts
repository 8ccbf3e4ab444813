import { DIFF_FLAGS } from "../diff-flags.ts";
import { defineVerb } from "../verb.ts";

/** Compares two runs, or two attempts of a step. */
export const diffVerb = defineVerb({
  name: "diff",
  group: "runs",
  summary: "how two runs, or two attempts of a step, differ",
  operands: "RUN [RUN2]",
  count: [1, 2],
  details: [
    "Parameters, inputs, outputs and timing side by side; numbers with their change relative to RUN.\nWithout RUN2 a forked run is compared with the one it was forked from.",
    "Numbers are named by step and place, as the text shows them:\nsimulation.variables[infectious].maximum. Texts, files and timing are shown and\nnever fail the command.",
  ],
  flags: DIFF_FLAGS,
  exits: [
    { code: 0, when: "the comparison was made, whatever differs" },
    { code: 1, when: "with --fail-over: a number changed by more, or a step no longer succeeds" },
  ],
  examples: [
    { line: "aimie-console diff @latest", says: "a forked run against the one it came from" },
    {
      line: "aimie-console diff wz9n4bz81b ajakamm302 --fail-over 5 --value 'simulation.*maximum'",
      says: "fail when a maximum moved by more than five percent",
    },
    {
      line: "aimie-console diff @latest --step viz --attempts 1,2 --output json",
      says: "two attempts of a step",
    },
  ],
  async perform(context) {
    return await (await import("../show-diff.ts")).showDiff(context);
  },
});
