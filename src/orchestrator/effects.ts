import type { JsonValue } from "../base/json-value.ts";
import type { StepKey, TaskAgentName, TaskId } from "../protocol/ids.ts";

/**
 * A timer of a run: its firing is an event of the same meaning. A `look-up` is due at once: whoever
 * takes it looks for an earlier result, and says what was found.
 */
export interface RunTimer {
  readonly kind: "retry" | "timeout" | "look-up";
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
      /** Whether its result may be taken for later attempts. */
      readonly cache?: boolean;
    }
  | { readonly type: "set-timer"; readonly timer: RunTimer; readonly dueAt: number }
  | { readonly type: "clear-timer"; readonly timer: RunTimer }
  | {
      readonly type: "cancel-task";
      readonly taskId: TaskId;
      readonly agent: TaskAgentName;
      readonly reason: string;
    }
  /** A step that may be spared later has succeeded: that it was done is to be found again. */
  | { readonly type: "remember-result"; readonly stepKey: StepKey; readonly attempt: number };
