import { z } from "zod";

/** Why an attempt did not succeed, sorted by who can do something about it. */
export const FAILURE_KINDS = [
  "tool",
  "invalid-input",
  "invalid-result",
  "timeout",
  "worker-lost",
  "bus-data-lost",
  "rejected",
  "cancelled",
  "bug",
] as const;

export const failureKindSchema = z.enum(FAILURE_KINDS);
export type FailureKind = z.infer<typeof failureKindSchema>;

/** A failure as data: the only form in which an error travels between processes. */
export const failureSchema = z.object({
  kind: failureKindSchema,
  message: z.string().max(4000),
  /** What the operator can do about it. */
  nextStep: z.string().max(1000).optional(),
});
export type Failure = z.infer<typeof failureSchema>;
