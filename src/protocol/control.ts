/** What a supervisor and a worker process say to each other over their private channel (IPC). */
import { z } from "zod";
import { agentNameSchema, workerSlotSchema } from "./ids.ts";
import { languageModelSchema } from "./language-model.ts";
import { mcpServersSchema } from "./mcp-servers.ts";
import { workerActivitySchema } from "./telemetry.ts";

/** Places where a worker can be told to die, for tests: around reading, working and storing. */
const FAILPOINT_PLACES = [
  "after-read",
  "after-effect",
  "before-complete",
  "after-complete",
  "before-commit",
  "after-commit",
] as const;

export const failpointPlaceSchema = z.enum(FAILPOINT_PLACES);
export type FailpointPlace = z.infer<typeof failpointPlaceSchema>;

/** Everything a worker needs to know; it reads no environment and no file of its own. */
export const workerConfigSchema = z.object({
  slot: workerSlotSchema,
  agent: agentNameSchema,
  version: z.string(),
  host: z.string(),
  /** Address of the bus; may hold a password, which is why it does not travel in argv. */
  busAddress: z.string(),
  namespace: z.string(),
  leaseMs: z.number().positive(),
  /** Longest time a task may go on after the worker was asked to drain. */
  drainDeadlineMs: z.number().positive(),
  artifactFolder: z.string(),
  modelFolders: z.array(z.string()),
  /** What command models need: who is trusted, and the environment their programs see. */
  commandModels: z.object({
    trustFile: z.string(),
    environment: z.record(z.string(), z.string()),
  }),
  /** The manifest of an agent of the user's own. */
  customAgent: z.object({ manifest: z.string() }).optional(),
  /** Who answers questions; the offline analyst when absent. Only qna workers are told. */
  languageModel: languageModelSchema.optional(),
  /**
   * By agent, a hash of what it works with besides its input; none of an agent whose results must
   * not be taken for later attempts.
   */
  definitionHashes: z.record(z.string(), z.string()),
  /** The operator's own tool servers; mcp workers are told, and qna workers with a model. */
  mcpServers: mcpServersSchema.optional(),
  /** The program of the agent's tool server; empty for the orchestrator, which has none. */
  toolServerProgram: z.string(),
  /** Where compiled code may be cached. */
  compileCacheFolder: z.string(),
  /** Where to die, once; the marker file is made when it has been done. */
  failpoint: z.object({ place: failpointPlaceSchema, marker: z.string() }).optional(),
});
export type WorkerConfig = z.infer<typeof workerConfigSchema>;

/** The exit code of a worker that cannot work with its configuration: no restart can help. */
export const WORKER_EXIT_CONFIG = 78;

/** Supervisor → worker. */
export const supervisorMessageSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("configure"), config: workerConfigSchema }),
  /** Finish what is in hand, take nothing new, then leave. */
  z.object({
    type: z.literal("drain"),
    /** Whether the slot is about to be filled again: then it stays on the list of workers. */
    restarting: z.boolean().default(false),
  }),
]);
export type SupervisorMessage = z.infer<typeof supervisorMessageSchema>;

/** Worker → supervisor. */
export const workerMessageSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("hello"), pid: z.int().positive() }),
  z.object({ type: z.literal("activity"), activity: workerActivitySchema }),
  z.object({
    type: z.literal("log"),
    level: z.enum(["info", "warning", "error"]),
    text: z.string().max(8000),
  }),
]);
export type WorkerMessage = z.infer<typeof workerMessageSchema>;
