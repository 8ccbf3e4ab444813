import { z } from "zod";
import { flag } from "../flag.ts";
import { RUN_FLAGS } from "../run-flags.ts";
import { defineVerb } from "../verb.ts";

/** Waits for the end of a run. */
export const waitVerb = defineVerb({
  name: "wait",
  group: "runs",
  summary: "wait for the end of a run; the exit code is the run's",
  operands: "RUN",
  count: [1, 1],
  flags: {
    timeout: flag(
      {
        kind: "text",
        placeholder: "SECONDS",
        says: "wait no longer and leave the run alone; exit code 4",
      },
      z.coerce
        .number("--timeout is a number of seconds")
        .positive("--timeout must be more than 0 seconds")
        .max(2_147_483, "--timeout is at most 24 days")
        .optional(),
    ),
    stay: RUN_FLAGS.stay,
  },
  examples: [{ line: "aimie-console wait @latest --timeout 60", says: "a minute at most" }],
  async perform(context) {
    return await (await import("../change-run.ts")).waitForRun(context);
  },
});
