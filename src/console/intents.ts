/** What an operator can ask of the console, from the keyboard or from a script. */
import type { ErrorCode } from "../base/operator-error.ts";
import type { AgentName, RunId, SessionId, StepKey, WorkerSlot } from "../protocol/ids.ts";
import type { ParameterValues } from "../protocol/parameter-values.ts";
import type { ForkWish, SameRunWish } from "../protocol/rerun.ts";
import type { Verdict } from "../protocol/run-events.ts";
import type { TrustAnswer, TrustRequest } from "./program-trust.ts";

/** One wish. */
export type Intent =
  | {
      readonly type: "start-run";
      readonly flowName: string;
      readonly parameters: ParameterValues;
      /** Whether every step is to be done, also where an earlier result could be taken. */
      readonly noCache?: boolean;
      /** Where the run belongs; the open session when it is left out. */
      readonly sessionId?: SessionId;
    }
  | { readonly type: "ask-question"; readonly runId: RunId; readonly question: string }
  | { readonly type: "rerun-step"; readonly runId: RunId; readonly stepKey: StepKey }
  /** Carries out a plan within its run; `planHash` is the one the operator has seen. */
  | {
      readonly type: "apply-plan";
      readonly runId: RunId;
      readonly wish: SameRunWish;
      readonly planHash: string;
      readonly interrupt?: boolean;
    }
  /** Starts a run forked from another one; the outcome names the new run. */
  | {
      readonly type: "fork-run";
      readonly runId: RunId;
      readonly wish: ForkWish;
      readonly planHash: string;
    }
  | { readonly type: "cancel-run"; readonly runId: RunId }
  | { readonly type: "pause-run"; readonly runId: RunId }
  | { readonly type: "resume-run"; readonly runId: RunId }
  | {
      readonly type: "give-verdict";
      readonly runId: RunId;
      readonly stepKey: StepKey;
      readonly verdict: Verdict;
    }
  | { readonly type: "open-session"; readonly sessionId: SessionId }
  | { readonly type: "new-session"; readonly name: string }
  | { readonly type: "rename-session"; readonly sessionId: SessionId; readonly name: string }
  | { readonly type: "delete-session"; readonly sessionId: SessionId }
  | { readonly type: "add-note"; readonly sessionId: SessionId; readonly text: string }
  /** Trusts the program that was shown, then does what it was in the way of. */
  | {
      readonly type: "trust-program";
      readonly request: TrustAnswer;
      readonly before: Intent;
    }
  | { readonly type: "restart-worker"; readonly slot: WorkerSlot }
  /** One worker more of an agent, or one less. */
  | { readonly type: "scale-agent"; readonly agent: AgentName; readonly change: 1 | -1 };

/** What came of a wish: `runId` names the run it began or touched. */
export type IntentOutcome =
  | { readonly ok: true; readonly runId: RunId | null }
  | {
      readonly ok: false;
      /** Why, in the words of exit codes. */
      readonly code: ErrorCode;
      readonly message: string;
      readonly nextStep: string;
      /** What may be trusted for the wish to be carried out. */
      readonly trust?: TrustRequest;
    };
