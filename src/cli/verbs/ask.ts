import { RUN_FLAGS } from "../run-flags.ts";
import { defineVerb } from "../verb.ts";

/** Asks a question about a run. */
export const askVerb = defineVerb({
  name: "ask",
  group: "runs",
  summary: "ask about the results of a run; nothing is simulated again",
  operands: "RUN QUESTION",
  count: [2, 2],
  flags: { stay: RUN_FLAGS.stay },
  examples: [
    {
      line: 'aimie-console ask @latest "What is recovered at the end?"',
      says: "a question about the last run",
    },
    {
      line: 'aimie-console ask @latest "And when does it peak?"',
      says: "of an answer: goes on from what was asked, about the same run",
    },
  ],
  async perform(context) {
    const { orderAndFollow } = await import("../change-run.ts");
    const [, question = ""] = context.operands;
    return await orderAndFollow(context, ({ runId }) => {
      return { type: "ask-question", runId, question };
    });
  },
});
