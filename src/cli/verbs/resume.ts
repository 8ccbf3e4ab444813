import { RUN_FLAGS } from "../run-flags.ts";
import { defineVerb } from "../verb.ts";

/** Lets a run that was held go on. */
export const resumeVerb = defineVerb({
  name: "resume",
  group: "runs",
  summary: "let a run that was paused go on, and follow it to its end",
  operands: "RUN",
  count: [1, 1],
  flags: { stay: RUN_FLAGS.stay },
  examples: [{ line: "aimie-console resume @latest", says: "let the last run go on" }],
  async perform(context) {
    const { orderAndFollow } = await import("../change-run.ts");
    return await orderAndFollow(context, ({ runId }) => ({ type: "resume-run", runId }));
  },
});
