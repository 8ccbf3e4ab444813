import { z } from "zod";
import { EXIT_CODES } from "../exit-codes.ts";
import { flag } from "../flag.ts";
import { defineVerb } from "../verb.ts";

/** Checks everything the program needs. */
export const doctorVerb = defineVerb({
  name: "doctor",
  group: "the system",
  summary: "check the bus, folders, sessions, workers, left-overs and terminal",
  operands: "",
  count: [0, 0],
  details: [
    "Each line is ok, warn or fail, the last two with a remedy. Nothing is started.\nExit code 0 when nothing failed (warnings included), 1 otherwise.",
  ],
  flags: {
    fix: flag(
      {
        kind: "switch",
        says: "end left-over processes, close files that others may read, set damaged rows aside",
      },
      z.boolean().default(false),
    ),
  },
  examples: [
    { line: "aimie-console doctor", says: "what is well, and what to do about the rest" },
    {
      line: "aimie-console doctor --output json | jq '.findings[] | select(.verdict != \"ok\")'",
      says: "only what needs attention",
    },
  ],
  async perform({ flags, config, output }) {
    const { runDoctor } = await import("../run-doctor.ts");
    const healthy = await runDoctor(config, { form: flags.output, fix: flags.fix }, output);
    return healthy ? EXIT_CODES.succeeded : EXIT_CODES["run-failed"];
  },
});
