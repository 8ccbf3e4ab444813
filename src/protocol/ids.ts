import { z } from "zod";

/** The roles that every crew plays. */
export const STANDING_AGENT_NAMES = ["orchestrator", "simulation", "qna", "viz"] as const;

/** All roles; each is played by one or more workers. `mcp` is played where servers are configured. */
export const AGENT_NAMES = [...STANDING_AGENT_NAMES, "mcp"] as const;

/** An agent that carries out tasks (the orchestrator only hands them out). */
export const TASK_AGENT_NAMES = ["simulation", "qna", "viz", "mcp"] as const;

const ID = /^[A-Za-z0-9][A-Za-z0-9_.:[\]-]{0,127}$/;

/** Names an agent of the user's own: the folder its manifest lies in. */
export const customAgentNameSchema = z
  .string()
  .regex(/^[a-z][a-z0-9-]{1,29}$/, "use 2 to 30 lower case letters, digits and dashes")
  .refine((name) => AGENT_NAMES.every((own) => own !== name), "a built-in agent has this name")
  .brand("CustomAgentName");
export type CustomAgentName = z.infer<typeof customAgentNameSchema>;

/** An agent that is part of the product. */
export type BuiltInAgentName = (typeof TASK_AGENT_NAMES)[number];

export const agentNameSchema = z.union([z.enum(AGENT_NAMES), customAgentNameSchema]);
export type AgentName = z.infer<typeof agentNameSchema>;

export const taskAgentNameSchema = z.union([z.enum(TASK_AGENT_NAMES), customAgentNameSchema]);
export type TaskAgentName = z.infer<typeof taskAgentNameSchema>;

/** Whether an agent that carries out tasks is part of the product. */
export function isBuiltIn(agent: AgentName): agent is BuiltInAgentName {
  return TASK_AGENT_NAMES.some((own) => own === agent);
}

/** Names one passage through a flow. */
export const runIdSchema = z.string().regex(ID).brand("RunId");
export type RunId = z.infer<typeof runIdSchema>;

/** Names a place in the flow, as its file writes it. */
export const stepIdSchema = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,39}$/, "a step id is lower case: letters, digits and dashes")
  .brand("StepId");
export type StepId = z.infer<typeof stepIdSchema>;

/** Names a step instance: `qna`, or `qna[3]` of a fan-out. All run state is keyed by it. */
export const stepKeySchema = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,39}(\[\d{1,5}\])?$/)
  .brand("StepKey");
export type StepKey = z.infer<typeof stepKeySchema>;

/** Names the order to carry out one attempt: `<run>.<step>.<attempt>`; the idempotency key. */
export const taskIdSchema = z.string().regex(ID).brand("TaskId");
export type TaskId = z.infer<typeof taskIdSchema>;

/** Names an operator's saved line of work. */
export const sessionIdSchema = z.string().regex(ID).brand("SessionId");
export type SessionId = z.infer<typeof sessionIdSchema>;

/** Names a stable place a worker fills: `<host>:<agent>:<n>`; survives restarts of the process. */
export const workerSlotSchema = z.string().regex(ID).brand("WorkerSlot");
export type WorkerSlot = z.infer<typeof workerSlotSchema>;

/** The key of a step that is not fanned out: its id, as every step id is a step key. */
export function stepKeyOf(id: StepId): StepKey {
  return id as string as StepKey;
}

/** The id of the task that carries out attempt `attempt` of a step. */
export function taskIdOf(runId: RunId, stepKey: StepKey, attempt: number): TaskId {
  return taskIdSchema.parse(`${runId}.${stepKey}.${attempt}`);
}
