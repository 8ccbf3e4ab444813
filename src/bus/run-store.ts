/** Runs as Redis keeps them: state at a version, the log of events, and the script that changes both. */
import { randomUUID } from "node:crypto";
import type { RunId, TaskAgentName, TaskId } from "../protocol/ids.ts";
import type { Names } from "../protocol/names.ts";
import { ORCHESTRATOR_GROUP } from "../protocol/names.ts";
import type { RedisConnection } from "./connection.ts";
import { runScript } from "./run-script.ts";
import { commitScript } from "./scripts/commit.ts";
import { entriesOf } from "./stream-reader.ts";

/** A run as stored: JSON texts that the orchestrator understands. */
export interface StoredRun {
  readonly version: number;
  readonly origin: string;
  readonly state: string;
}

/** A decision ready to be stored. */
export interface RunCommit {
  readonly runId: RunId;
  /** The version the decision was made from; 0 for a new run. */
  readonly expectedVersion: number;
  readonly now: number;
  readonly ended: boolean;
  /** Given once, with the first commit. */
  readonly origin: string | null;
  readonly state: string;
  readonly event: string;
  readonly timersToSet: readonly { readonly dueAt: number; readonly member: string }[];
  readonly timersToClear: readonly string[];
  readonly tasks: readonly {
    readonly taskId: TaskId;
    readonly agent: TaskAgentName;
    readonly message: string;
  }[];
  /** Messages that are only published. */
  readonly notes: readonly { readonly topic: string; readonly message: string }[];
  /** What the decision was about; taken off its stream with the commit. */
  readonly source: { readonly stream: string; readonly entryId: string } | null;
}

/** What became of a commit. */
export type CommitOutcome =
  | { readonly committed: true; readonly version: number }
  /** Somebody committed first: to be decided again from the present version. */
  | { readonly committed: false; readonly fenced: false; readonly presentVersion: number }
  /** Somebody else holds the orchestrator's lease: not ours to decide. */
  | { readonly committed: false; readonly fenced: true };

/** Reads a run; undefined when there is none. */
export async function loadRun(
  connection: RedisConnection,
  names: Names,
  runId: RunId,
): Promise<StoredRun | undefined> {
  const [version, origin, state] = await connection.hmget(
    names.runHash(runId),
    "ver",
    "origin",
    "state",
  );
  if (typeof version !== "string" || typeof origin !== "string" || typeof state !== "string") {
    return undefined;
  }
  return { version: Number(version), origin, state };
}

/**
 * Stores a decision, or says that it came too late. Safe to repeat. An orchestrator gives its
 * fencing token; what is only given back to the bus needs none.
 */
export async function commitRun(
  connection: RedisConnection,
  names: Names,
  commit: RunCommit,
  fence?: number,
): Promise<CommitOutcome> {
  const { runId, source } = commit;
  const keys = [
    names.runHash(runId),
    names.runEventStream(runId),
    names.runIndex,
    names.activeRuns,
    names.dueSet,
    source?.stream ?? names.commandStream,
    names.fence,
    ...commit.tasks.flatMap(({ agent }) => [names.taskStream(agent), names.openTasks(agent)]),
  ];
  const argv = [
    commit.expectedVersion,
    runId,
    commit.now,
    commit.ended ? 1 : 0,
    commit.origin ?? "",
    commit.state,
    commit.event,
    names.channel("event.run"),
    source === null ? "" : ORCHESTRATOR_GROUP,
    source?.entryId ?? "",
    randomUUID(),
    fence ?? "",
    ...counted(commit.timersToSet.map((timer) => [timer.dueAt, timer.member])),
    ...counted(commit.timersToClear.map((member) => [member])),
    ...counted(
      commit.tasks.map(({ taskId, agent, message }) => [
        taskId,
        names.channel(`task.${agent}`),
        message,
      ]),
    ),
    ...counted(commit.notes.map((note) => [names.channel(note.topic), note.message])),
  ];
  const reply = await runScript(connection, commitScript, keys, argv);
  const [committed, version] = Array.isArray(reply) ? reply.map(Number) : [];
  if (committed === 1) return { committed: true, version: version ?? 0 };
  if (committed === -1) return { committed: false, fenced: true };
  return { committed: false, fenced: false, presentVersion: version ?? 0 };
}

/** The texts of a run's events from `fromSeq` on, in order. */
export async function loadRunEvents(
  connection: RedisConnection,
  names: Names,
  runId: RunId,
  fromSeq: number,
): Promise<readonly string[]> {
  const stream = names.runEventStream(runId);
  const entries = await connection.xrange(stream, `${fromSeq}-0`, "+");
  return entriesOf([[stream, entries]]).map((entry) => entry.fields.get("d") ?? "");
}

function counted(items: readonly (readonly (string | number)[])[]): readonly (string | number)[] {
  return [items.length, ...items.flat()];
}
