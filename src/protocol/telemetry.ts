import { z } from "zod";
import { agentNameSchema, taskIdSchema, workerSlotSchema } from "./ids.ts";

/** Data of `progress.<agent>`: how far an attempt is, or a line of its log. May be lost. */
export const progressDataSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("started"), worker: z.string().max(200) }),
  z.object({
    kind: z.literal("advanced"),
    /** 0 to 1; null when the agent cannot tell. */
    fraction: z.number().min(0).max(1).nullable(),
    message: z.string().max(500),
    /** An answer that is being written, from its beginning to where it is now. */
    text: z.string().max(4000).optional(),
  }),
  z.object({
    kind: z.literal("logged"),
    level: z.enum(["info", "warning", "error"]),
    message: z.string().max(4000),
  }),
  z.object({
    kind: z.literal("tool-called"),
    tool: z.string().max(200),
    outcome: z.enum(["started", "succeeded", "failed"]),
    durationMs: z.number().nonnegative().nullable(),
  }),
]);
export type ProgressData = z.infer<typeof progressDataSchema>;

/** Data of `control.<agent>`: best effort, made good by the lease. */
export const controlDataSchema = z.object({
  command: z.literal("cancel"),
  taskId: taskIdSchema,
  reason: z.string().max(500),
});

/** What a worker process is doing, as far as it can tell itself. */
export const workerActivitySchema = z.enum(["starting", "ready", "busy", "draining", "stopped"]);
export type WorkerActivity = z.infer<typeof workerActivitySchema>;

/** Data of `agent.registry`: a worker has come, or says farewell. */
export const registryDataSchema = z.object({
  slot: workerSlotSchema,
  agent: agentNameSchema,
  pid: z.int().positive(),
  host: z.string().max(255),
  version: z.string().max(50),
  activity: workerActivitySchema,
});
export type RegistryData = z.infer<typeof registryDataSchema>;

/** Data of `agent.heartbeat`: a worker lives; also kept under its heartbeat key. */
export const heartbeatDataSchema = registryDataSchema.extend({
  currentTask: taskIdSchema.nullable(),
  /** Tasks waiting in the agent's stream. */
  queueDepth: z.int().nonnegative(),
  uptimeMs: z.number().nonnegative(),
  rssBytes: z.number().nonnegative(),
  /** Processor time since the last heartbeat as a share of one core. */
  cpuShare: z.number().nonnegative(),
});
export type HeartbeatData = z.infer<typeof heartbeatDataSchema>;
