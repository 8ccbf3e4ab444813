import { z } from "zod";
import { runIdSchema, stepKeySchema } from "./ids.ts";
import { runSpecSchema } from "./run-events.ts";

/**
 * What an operator may ask of the orchestrator; goes through the command stream. `commandId` makes
 * a repeated order harmless and ties a refusal to its order.
 */
export const commandSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("start-run"), commandId: z.string().max(128), spec: runSpecSchema }),
  z.object({
    type: z.literal("rerun-step"),
    commandId: z.string().max(128),
    runId: runIdSchema,
    stepKey: stepKeySchema,
  }),
  z.object({ type: z.literal("cancel-run"), commandId: z.string().max(128), runId: runIdSchema }),
]);
export type Command = z.infer<typeof commandSchema>;
