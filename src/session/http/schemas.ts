/** What goes in and out of the session API. The OpenAPI document is made from these. */
import { z } from "@hono/zod-openapi";
import { runIdSchema, sessionIdSchema, stepKeySchema } from "../../protocol/ids.ts";
import { parameterValuesSchema } from "../../protocol/parameter-values.ts";

export const errorBody = z
  .object({
    code: z.string(),
    message: z.string(),
    nextStep: z.string(),
  })
  .openapi("Error");

export const sessionBody = z
  .object({
    sessionId: z.string(),
    name: z.string(),
    createdAt: z.number().openapi({ description: "milliseconds since the epoch" }),
    changedAt: z.number(),
    runCount: z.int(),
  })
  .openapi("Session");

export const entryBody = z
  .looseObject({
    type: z.string(),
    v: z.literal(1),
    entryId: z.string(),
    sessionId: z.string(),
    at: z.number(),
  })
  .openapi("Entry");

export const sessionWithEntriesBody = z
  .object({ session: sessionBody, entries: z.array(entryBody) })
  .openapi("SessionWithEntries");

export const runRowBody = z
  .object({
    runId: z.string(),
    sessionId: z.string(),
    flowName: z.string(),
    status: z.string(),
    requestedAt: z.number(),
    finishedAt: z.number().nullable(),
  })
  .openapi("RunSummary");

export const runBody = z
  .looseObject({
    version: z.literal(1),
    run: z.looseObject({ id: z.string(), session: z.string(), status: z.string() }),
    answer: z.string().nullable(),
    steps: z.array(z.looseObject({ step: z.string(), status: z.string() })),
  })
  .openapi("Run");

export const startedBody = z.object({ runId: z.string() }).openapi("StartedRun");

export const nameBody = z.object({ name: z.string().trim().min(1).max(200) }).openapi("Name");

export const noteBody = z.object({ text: z.string().min(1).max(20_000) }).openapi("Note");

export const startBody = z
  .object({
    flow: z.string().min(1).max(100).default("simulation-qna-viz"),
    parameters: parameterValuesSchema.default({}),
    noCache: z
      .boolean()
      .default(false)
      .openapi({ description: "do every step, whatever was cached" }),
  })
  .openapi("StartRun");

export const rerunBody = z.object({ step: stepKeySchema }).openapi("RerunStep");

export const sessionParams = z.object({ sessionId: sessionIdSchema });

export const runParams = z.object({ runId: runIdSchema });

export const artifactParams = z.object({
  runId: runIdSchema,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
