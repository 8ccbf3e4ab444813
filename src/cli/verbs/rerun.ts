import { PLAN_FLAGS, WISH_FLAGS } from "../rerun-flags.ts";
import { defineVerb } from "../verb.ts";

/** Has steps of a run done again. */
export const rerunVerb = defineVerb({
  name: "rerun",
  group: "runs",
  summary: "do steps again, or fork a run with a changed parameter or input",
  operands: "RUN",
  count: [1, 1],
  details: [
    "The plan is printed first: what is done again, what is taken as it is. Then the run is\nfollowed to its end, as by run.",
    "Steps are done again in the same run, as new attempts. --set and --input-file make a new run,\nforked from the one that stays as it is.",
    "What is done again is really done, also where the flow says cache: true.",
    "A plan that was looked at first is carried out as it was, or not at all: give its planHash.",
  ],
  exits: [{ code: 6, when: "the run has moved on since the plan was made; look at the new plan" }],
  flags: { ...WISH_FLAGS, ...PLAN_FLAGS },
  examples: [
    {
      line: "aimie-console rerun @latest --from viz",
      says: "draw the chart of the last run again",
    },
    {
      line: "aimie-console rerun @latest --set parameters.contact_rate=8",
      says: "a new run; steps that do not use the parameter are taken over",
    },
    {
      line: "aimie-console rerun @latest --from viz --plan-hash 1f00c9d2a7b3e845",
      says: "only if the plan that was printed before still holds",
    },
  ],
  async perform(context) {
    const { doAgain, readWish } = await import("../change-run.ts");
    return await doAgain(context, (run) => readWish(run, context.flags));
  },
});

/** Shows what a rerun would do. */
export const planVerb = defineVerb({
  name: "plan",
  group: "runs",
  summary: "what rerun would do to a run, and how long it may take",
  operands: "RUN",
  count: [1, 1],
  flags: { ...WISH_FLAGS, interrupt: PLAN_FLAGS.interrupt },
  examples: [
    {
      line: "aimie-console plan @latest --from simulation --output json | jq .reset",
      says: "the steps that would be done again",
    },
  ],
  async perform(context) {
    const { doAgain, readWish } = await import("../change-run.ts");
    const flags = { ...context.flags, dryRun: true, stay: false };
    return await doAgain({ ...context, flags }, (run) => readWish(run, flags));
  },
});

/** Has the failed steps done again. */
export const retryVerb = defineVerb({
  name: "retry",
  group: "runs",
  summary: "do the failed steps of a run again, and what follows from them",
  operands: "RUN",
  count: [1, 1],
  flags: PLAN_FLAGS,
  examples: [{ line: "aimie-console retry @latest", says: "go on where the last run failed" }],
  async perform(context) {
    return await (await import("../change-run.ts")).doAgain(context, () => ({ kind: "failed" }));
  },
});

/** Brings what is stale up to date. */
export const refreshVerb = defineVerb({
  name: "refresh",
  group: "runs",
  summary: "do the stale steps of a run again, and what follows from them",
  operands: "RUN",
  count: [1, 1],
  flags: PLAN_FLAGS,
  examples: [{ line: "aimie-console refresh @latest", says: "bring the last run up to date" }],
  async perform(context) {
    return await (await import("../change-run.ts")).doAgain(context, () => ({ kind: "stale" }));
  },
});
