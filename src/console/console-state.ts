/**
 * What both front ends show: one immutable picture, replaced slice by slice. Fast-moving lists
 * (events, messages) are rings beside it; the `*Version` numbers say when they have grown.
 */
import type { Flow } from "../orchestrator/flow.ts";
import type { HistoryEntry } from "../orchestrator/history.ts";
import type { RunState } from "../orchestrator/state.ts";
import type { AgentName, RunId, SessionId, TaskId, WorkerSlot } from "../protocol/ids.ts";
import type { HeartbeatData } from "../protocol/telemetry.ts";

/** Where a worker stands, as its supervisor or its heartbeats tell. */
export type WorkerStatus =
  | "starting"
  | "ready"
  | "busy"
  | "draining"
  | "restarting"
  | "stopped"
  | "given-up"
  | "lost";

/** A worker, as the agents pane shows it. */
export interface WorkerView {
  readonly slot: WorkerSlot;
  readonly agent: AgentName;
  readonly status: WorkerStatus;
  /** Whether this console started it. */
  readonly own: boolean;
  readonly pid: number | null;
  readonly restarts: number;
  readonly heartbeat: HeartbeatData | null;
  /** When the last heartbeat arrived, milliseconds since the epoch. */
  readonly heartbeatAt: number | null;
  /** The last lines of its error output, when it ended badly. */
  readonly lastWords: readonly string[];
}

/** How far a task is, from its progress messages; may lag behind or miss some. */
export interface TaskProgress {
  readonly startedAt: number | null;
  readonly worker: string | null;
  /** 0 to 1; null when unknown. */
  readonly fraction: number | null;
  readonly message: string;
  /** The answer that is being written, as far as it goes; absent for agents that write none. */
  readonly text?: string;
}

/** A line of a step's log. */
export interface LogLine {
  readonly at: number;
  readonly taskId: TaskId;
  readonly level: "info" | "warning" | "error";
  readonly text: string;
}

/** A run, with what is known of the tasks under way. */
export interface RunView {
  readonly runId: RunId;
  readonly sessionId: SessionId;
  /** The seq of the last event folded in. */
  readonly seq: number;
  readonly state: RunState;
  /** Which events moved its steps, oldest first. */
  readonly history: readonly HistoryEntry[];
  readonly progress: Readonly<Record<TaskId, TaskProgress>>;
  /** The newest log lines of all its tasks, oldest first; bounded. */
  readonly logs: readonly LogLine[];
}

/** A topic's traffic. */
export interface TopicView {
  readonly topic: string;
  readonly count: number;
  /** Messages in each of the last 30 seconds, oldest first. */
  readonly perSecond: readonly number[];
  readonly unparsable: number;
  readonly lastAt: number | null;
  readonly lastText: string;
}

/** A message as it went over a topic. */
export interface TopicMessage {
  readonly at: number;
  readonly topic: string;
  readonly text: string;
  /** Why it could not be used; null when it is well-formed. */
  readonly problem: string | null;
}

/** A line of the events pane. */
export interface EventLine {
  readonly at: number;
  readonly level: "info" | "success" | "warning" | "error";
  /** What it is about: a topic, `supervisor`, `bus`, `console`. */
  readonly source: string;
  readonly runId: RunId | null;
  /** The seq of the run's event it tells of, when it tells of one. */
  readonly seq?: number;
  readonly text: string;
}

/** The connection to Redis. */
export interface BusView {
  readonly kind: "given" | "redis" | "embedded";
  /** For people; passwords masked. */
  readonly address: string;
  readonly namespace: string;
  readonly health: "connecting" | "live" | "catching-up" | "disconnected";
  /** Since when, milliseconds since the epoch. */
  readonly healthSince: number;
  readonly gaps: number;
  readonly late: number;
  readonly duplicate: number;
  readonly unparsable: number;
}

/** A session in the list. */
export interface SessionSummary {
  readonly sessionId: SessionId;
  readonly name: string;
  readonly createdAt: number;
  readonly changedAt: number;
  readonly runCount: number;
}

/** A flow one can start. */
export interface FlowView {
  readonly flow: Flow;
  /** `built-in` or the file's path. */
  readonly source: string;
}

/** A constant of a model: a number that a run may give another value. */
export interface ModelConstant {
  readonly name: string;
  readonly value: number;
  readonly unit?: string;
}

/** A short word to the operator; shown until the next one or until it is old. */
export interface Notice {
  readonly at: number;
  readonly level: "info" | "error";
  readonly text: string;
}

/** The whole picture. */
export interface ConsoleState {
  readonly session: SessionSummary | null;
  readonly bus: BusView;
  /** Runs of the session, newest first. */
  readonly runs: readonly RunView[];
  readonly workers: readonly WorkerView[];
  readonly topics: readonly TopicView[];
  readonly sessions: readonly SessionSummary[];
  readonly flows: readonly FlowView[];
  readonly models: readonly string[];
  /** The constants of the models, by the model's name; of those that have been read so far. */
  readonly constants: ReadonlyMap<string, readonly ModelConstant[]>;
  /** What was asked before, in any session: the newest first, each once. */
  readonly questions: readonly string[];
  readonly eventsVersion: number;
  readonly messagesVersion: number;
  readonly notice: Notice | null;
  /** Milliseconds since the epoch at the last flush; drives clocks on the screen. */
  readonly now: number;
  /** Where the log file is. */
  readonly logFile: string;
}
