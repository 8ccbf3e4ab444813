import type { Result } from "../../base/result.ts";
import type { Failure } from "../../protocol/failure.ts";
import type { ProgressData } from "../../protocol/telemetry.ts";
import type { ToolSession } from "./tool-session.ts";

/** What carrying out one task may use. */
export interface TaskHands {
  readonly tools: ToolSession;
  /** How long it may take, milliseconds. */
  readonly leftMs: number;
  /** Fires on cancel, deadline and a lost lease. */
  readonly signal: AbortSignal;
  tell(data: ProgressData): void;
}

/** Carries out a task; never rejects for what its surroundings can do wrong. */
export type CarryOut<Input> = (input: Input, hands: TaskHands) => Promise<Result<unknown, Failure>>;
