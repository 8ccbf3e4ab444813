/** The flags of `diff`. */
import { z } from "zod";
import { flag } from "./flag.ts";

/** What is compared, and what fails a script. */
export const DIFF_FLAGS = {
  step: flag(
    {
      kind: "text",
      placeholder: "STEP",
      says: "compare this step alone; with one RUN: its last two attempts",
    },
    z.string().min(1).max(60).optional(),
  ),
  attempts: flag(
    {
      kind: "text",
      placeholder: "M,N",
      says: "with --step and one RUN: which two attempts",
    },
    z
      .string()
      .regex(/^[1-9]\d{0,3},[1-9]\d{0,3}$/, "--attempts is two numbers, such as 1,2")
      .transform((text): readonly [number, number] => {
        const [first, second] = text.split(",").map(Number);
        return [first ?? 1, second ?? 1];
      })
      .optional(),
  ),
  failOver: flag(
    {
      kind: "text",
      placeholder: "PERCENT",
      says: "exit code 1 when a number changed by more, or a step no longer succeeds",
    },
    z.coerce
      .number("--fail-over is a number of percent")
      .min(0, "--fail-over is at least 0")
      .optional(),
  ),
  value: flag(
    {
      kind: "texts",
      placeholder: "PATH",
      says: "with --fail-over: only this number counts; * is anything",
    },
    z.array(z.string().min(1)).default([]),
  ),
};

/** The values of those flags. */
export type DiffFlags = Readonly<z.infer<z.ZodObject<typeof DIFF_FLAGS>>>;
