import { defineVerb } from "../verb.ts";

/** Cancels a run. */
export const cancelVerb = defineVerb({
  name: "cancel",
  group: "runs",
  summary: "cancel a run; its tool calls are told",
  operands: "RUN",
  count: [1, 1],
  flags: {},
  examples: [{ line: "aimie-console cancel @latest", says: "cancel the last run" }],
  async perform(context) {
    return await (await import("../change-run.ts")).cancelRun(context);
  },
});

/** Holds a run. */
export const pauseVerb = defineVerb({
  name: "pause",
  group: "runs",
  summary: "hold a run: what is at work goes on, nothing new is begun",
  operands: "RUN",
  count: [1, 1],
  flags: {},
  examples: [{ line: "aimie-console pause @latest", says: "hold the last run" }],
  async perform(context) {
    const { orderAndLeave } = await import("../change-run.ts");
    return await orderAndLeave(context, ({ runId }) => ({ type: "pause-run", runId }), "paused");
  },
});
