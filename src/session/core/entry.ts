/** What an operator did in a session: the entries of its append-only log. */
import { z } from "zod";
import { runIdSchema, sessionIdSchema } from "../../protocol/ids.ts";

/** Names an entry; entries of a session are ordered by it, also across processes. */
export const entryIdSchema = z
  .string()
  .regex(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/, "an entry id is a ULID")
  .brand("EntryId");
export type EntryId = z.infer<typeof entryIdSchema>;

/** How a person calls a session. */
const sessionNameSchema = z.string().trim().min(1).max(200);

const common = {
  v: z.literal(1),
  entryId: entryIdSchema,
  sessionId: sessionIdSchema,
  /** Milliseconds since the epoch. */
  at: z.number().nonnegative(),
};

/** One entry; never changed and never taken out once written. */
export const sessionEntrySchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("session-created"), ...common, name: sessionNameSchema }),
  z.object({ type: z.literal("session-renamed"), ...common, name: sessionNameSchema }),
  z.object({
    type: z.literal("run-started"),
    ...common,
    runId: runIdSchema,
    flowName: z.string().max(100),
    commandId: z.string().max(128),
  }),
  z.object({
    type: z.literal("question-asked"),
    ...common,
    runId: runIdSchema,
    basedOn: runIdSchema,
    question: z.string().min(1).max(2000),
  }),
  z.object({ type: z.literal("note-added"), ...common, text: z.string().min(1).max(20_000) }),
  z.object({ type: z.literal("session-deleted"), ...common }),
]);
export type SessionEntry = z.infer<typeof sessionEntrySchema>;
