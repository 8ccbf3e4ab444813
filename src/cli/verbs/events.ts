import { z } from "zod";
import { flag } from "../flag.ts";
import { defineVerb } from "../verb.ts";

/** The flag of verbs that can go on looking; each verb has its own. */
const followFlag = (says: string) =>
  flag({ kind: "switch", short: "f", says }, z.boolean().default(false));

const LOOKING =
  "No workers are started for it: where none run, nothing more comes. The exit code is 0 whatever\nbecame of the run; aimie-console wait gives the run's.";

/** Prints the events of a run. */
export const eventsVerb = defineVerb({
  name: "events",
  group: "runs",
  summary: "what happened in a run, with -f until it has ended",
  operands: "RUN",
  count: [1, 1],
  details: [LOOKING],
  flags: { follow: followFlag("go on with what comes, until the run has ended") },
  examples: [
    { line: "aimie-console events @latest -f", says: "what has happened, then what happens" },
    {
      line: "aimie-console events @latest --output jsonl | jq -r 'select(.type == \"event\") | .event.type'",
      says: "the kinds of events of the last run, in order",
    },
  ],
  async perform(context) {
    return await (await import("../show-events.ts")).showEvents(context);
  },
});

/** Prints what the steps of a run logged. */
export const logsVerb = defineVerb({
  name: "logs",
  group: "runs",
  summary: "what the steps of a run logged, with -f until it has ended",
  operands: "RUN",
  count: [1, 1],
  details: [
    "Log lines are kept on the machine whose console heard them; with -f those that come are heard.",
    LOOKING,
  ],
  flags: {
    follow: followFlag("go on with what comes, until the run has ended"),
    step: flag(
      { kind: "text", placeholder: "STEP", says: "of this step alone, and its instances" },
      z.string().min(1).max(60).optional(),
    ),
  },
  examples: [
    { line: "aimie-console logs @latest", says: "the log of the last run" },
    { line: "aimie-console logs @latest -f --step qna", says: "what one step logs, as it comes" },
  ],
  async perform(context) {
    return await (await import("../show-logs.ts")).showLogs(context);
  },
});
