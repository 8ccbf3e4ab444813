import type { JsonValue } from "../base/json-value.ts";
import type { StepKey, TaskAgentName, TaskId } from "../protocol/ids.ts";

/** A timer of a run: its firing is an event of the same meaning. */
export interface RunTimer {
  readonly kind: "retry" | "timeout";
  readonly stepKey: StepKey;
  readonly attempt: number;
}

/** What a decision asks the shell to do, in the same transaction that stores the new state. */
export type Effect =
  | {
      readonly type: "dispatch-task";
      readonly taskId: TaskId;
      readonly stepKey: StepKey;
      readonly attempt: number;
      readonly agent: TaskAgentName;
      readonly input: JsonValue;
      /** When the attempt must have ended, milliseconds since the epoch. */
      readonly deadlineAt: number;
    }
  | { readonly type: "set-timer"; readonly timer: RunTimer; readonly dueAt: number }
  | { readonly type: "clear-timer"; readonly timer: RunTimer }
  | {
      readonly type: "cancel-task";
      readonly taskId: TaskId;
      readonly agent: TaskAgentName;
      readonly reason: string;
    };
