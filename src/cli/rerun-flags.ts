/** The flags of verbs that have steps done again. */
import { z } from "zod";
import { planHashSchema } from "../protocol/run-events.ts";
import { flag } from "./flag.ts";
import { RUN_FLAGS } from "./run-flags.ts";

/** How a plan is carried out. */
export const PLAN_FLAGS = {
  dryRun: flag(
    { kind: "switch", says: "print the plan and do nothing" },
    z.boolean().default(false),
  ),
  interrupt: flag(
    { kind: "switch", says: "give up the steps that are at work now and in the way" },
    z.boolean().default(false),
  ),
  planHash: flag(
    {
      kind: "text",
      placeholder: "HASH",
      says: "only the plan with this planHash; exit code 6 when the run moved on",
    },
    z
      .string()
      .refine((text) => planHashSchema.safeParse(text).success, {
        error: "--plan-hash is the planHash that plan --output json has printed",
      })
      .optional(),
  ),
  stay: RUN_FLAGS.stay,
};

/** What is wanted done again. */
export const WISH_FLAGS = {
  from: flag(
    {
      kind: "text",
      placeholder: "STEP",
      says: "this step and all that follow from it; default: the flow's first step",
    },
    z.string().min(1).max(50).optional(),
  ),
  only: flag(
    { kind: "switch", says: "the step of --from alone; what follows from it becomes stale" },
    z.boolean().default(false),
  ),
  set: flag(
    {
      kind: "texts",
      placeholder: "NAME=VALUE",
      says: "a new run with another parameter; what uses it is done again",
    },
    z.array(z.string()).default([]),
  ),
  inputFile: flag(
    {
      kind: "text",
      placeholder: "FILE",
      says: "a new run in which the step of --from has this input (YAML or JSON)",
    },
    z.string().min(1).optional(),
  ),
  pinFile: flag(
    {
      kind: "text",
      placeholder: "FILE",
      says: "a new run in which the step of --from has given this output (YAML or JSON)",
    },
    z.string().min(1).optional(),
  ),
};

/** The values of the first. */
export type PlanFlags = Readonly<z.infer<z.ZodObject<typeof PLAN_FLAGS>>>;

/** The values of the second. */
export type WishFlags = Readonly<z.infer<z.ZodObject<typeof WISH_FLAGS>>>;
