/** What the session API serves: sessions and runs, as the application behind it knows them. */
import type { ErrorCode } from "../../base/operator-error.ts";
import type { RunId, SessionId, StepKey } from "../../protocol/ids.ts";
import type { ParameterValues } from "../../protocol/parameter-values.ts";
import type { RunEventData } from "../../protocol/run-events.ts";
import type { SessionEntry } from "../core/entry.ts";
import type { RunRow } from "../run-table.ts";
import type { SessionRow } from "../session-table.ts";

/** What a caller of the API can ask for. */
export type ApiWish =
  | {
      readonly type: "start-run";
      readonly sessionId: SessionId;
      readonly flowName: string;
      readonly parameters: ParameterValues;
      readonly noCache: boolean;
    }
  | { readonly type: "rerun-step"; readonly runId: RunId; readonly stepKey: StepKey }
  | { readonly type: "cancel-run"; readonly runId: RunId }
  | { readonly type: "rename-session"; readonly sessionId: SessionId; readonly name: string }
  | { readonly type: "add-note"; readonly sessionId: SessionId; readonly text: string }
  | { readonly type: "delete-session"; readonly sessionId: SessionId };

/** What came of it. */
export type ApiOutcome =
  | { readonly ok: true; readonly runId: RunId | null }
  | {
      readonly ok: false;
      readonly code: ErrorCode;
      readonly message: string;
      readonly nextStep: string;
    };

/** The application behind the API. */
export interface SessionBackend {
  sessions(): readonly SessionRow[];
  entries(sessionId: SessionId): readonly SessionEntry[];
  runs(sessionId: SessionId): readonly RunRow[];
  /** The run as `show --output json` prints it; undefined when there is none. */
  run(runId: RunId): Promise<object | undefined>;
  runEvents(runId: RunId): readonly RunEventData[];
  createSession(name: string): SessionId;
  /** Carries out a wish; never rejects. */
  perform(wish: ApiWish): Promise<ApiOutcome>;
  /**
   * The path of an artifact of a run, fetched when it is not on this machine; undefined when
   * nobody has it.
   */
  artifact(
    runId: RunId,
    sha256: string,
  ): Promise<{ readonly path: string; readonly mediaType: string } | undefined>;
  /** Calls `listener` after anything has changed, until the answer is called. */
  onChange(listener: () => void): () => void;
}
