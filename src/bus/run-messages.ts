/** The two messages of a run that outlive their sending: whoever writes them, they are the same. */
import type { JsonValue } from "../base/json-value.ts";
import type { RunId, SessionId, StepKey, TaskAgentName, TaskId } from "../protocol/ids.ts";
import type { RunEventData } from "../protocol/run-events.ts";
import { createEnvelope } from "./create-envelope.ts";
import type { RunCommit } from "./run-store.ts";

/** Where a message comes from. */
interface Origin {
  /** The slot of a worker, or `console`. */
  readonly source: string;
  readonly sessionId: SessionId;
}

/** The text of an event as it stands in the run's stream; its id is that of the event. */
export function eventMessage({ source, sessionId }: Origin, data: RunEventData): string {
  const { runId, seq } = data;
  const attributes = { id: eventIdOf(runId, seq), runid: runId, sessionid: sessionId } as const;
  return JSON.stringify(
    createEnvelope(source, "run-event", data, { ...attributes, via: "stream" }),
  );
}

/** An order to carry out one attempt. */
export interface TaskOrder {
  readonly taskId: TaskId;
  readonly stepKey: StepKey;
  readonly attempt: number;
  readonly agent: TaskAgentName;
  readonly input: JsonValue;
  /** When the attempt must have ended, milliseconds since 1970. */
  readonly deadlineAt: number;
  /** Whether its result may be taken for later attempts. */
  readonly cache?: boolean;
}

/** A task for the queue, caused by event `seq` of its run; sent again it counts as the same. */
export function taskMessage(
  { source, sessionId }: Origin,
  { runId, seq }: Pick<RunEventData, "runId" | "seq">,
  { taskId, stepKey, attempt, agent, input, deadlineAt, cache }: TaskOrder,
): RunCommit["tasks"][number] {
  const data = { agent, input, ...(cache === true ? { cache } : {}) };
  const message = createEnvelope(source, "task", data, {
    id: taskId,
    subject: taskId,
    runid: runId,
    stepid: stepKey,
    attempt,
    sessionid: sessionId,
    causationid: eventIdOf(runId, seq),
    correlationid: runId,
    deadline: new Date(deadlineAt).toISOString(),
    via: "stream",
  });
  return { taskId, agent, message: JSON.stringify(message) };
}

function eventIdOf(runId: RunId, seq: number): string {
  return `${runId}.${seq}`;
}
