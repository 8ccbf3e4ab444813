/** The flags of verbs that start a run. */
import { z } from "zod";
import { flag } from "./flag.ts";

const timeoutFlag = flag(
  {
    kind: "text",
    placeholder: "SECONDS",
    says: "cancel the run when it takes longer; exit code 4",
  },
  z.coerce
    .number("--timeout is a number of seconds")
    .positive("--timeout must be more than 0 seconds")
    .max(2_147_483, "--timeout is at most 24 days")
    .optional(),
);

/** What a run is started with. */
export const RUN_FLAGS = {
  set: flag(
    {
      kind: "texts",
      placeholder: "NAME=VALUE",
      says: "a parameter of the flow, such as parameters.contact_rate=8",
    },
    z.array(z.string()).default([]),
  ),
  question: flag(
    { kind: "text", placeholder: "TEXT", says: "short for --set question=TEXT" },
    z.string().min(1).max(2000).optional(),
  ),
  timeout: timeoutFlag,
  stay: flag(
    {
      kind: "switch",
      says: "when the run waits for a person, wait too; without it the exit code is 5",
    },
    z.boolean().default(false),
  ),
  noCache: flag(
    {
      kind: "switch",
      says: "do every step, also where the flow says cache: true and it was done before",
    },
    z.boolean().default(false),
  ),
};

/** Flags of `run` alone: leaving a run, and coming back to one. */
export const LEAVE_FLAGS = {
  detach: flag(
    {
      kind: "switch",
      says: "print the run's id and leave it going, with workers that stay; down ends them",
    },
    z.boolean().default(false),
  ),
  attach: flag(
    {
      kind: "text",
      placeholder: "RUN",
      says: "start nothing and follow this run, as wait does",
    },
    z.string().min(1).optional(),
  ),
};

/** The values of those. */
export type LeaveFlags = Readonly<z.infer<z.ZodObject<typeof LEAVE_FLAGS>>>;

/** The values of the flags of verbs that start a run. */
export type RunFlags = Readonly<z.infer<z.ZodObject<typeof RUN_FLAGS>>>;
