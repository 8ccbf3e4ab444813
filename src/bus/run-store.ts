/** Runs as Redis keeps them: state at a version, the log of events, and the script that changes both. */
import { randomUUID } from "node:crypto";
import { invariant } from "../base/assert.ts";
import type { RunId, TaskAgentName, TaskId } from "../protocol/ids.ts";
import type { Names } from "../protocol/names.ts";
import { ORCHESTRATOR_GROUP } from "../protocol/names.ts";
import { parseBoundedJson } from "../protocol/parse-message.ts";
import type { AttemptName } from "../protocol/run-events.ts";
import { attemptNameSchema } from "../protocol/run-events.ts";
import type { RedisConnection } from "./connection.ts";
import { gather, TOGETHER } from "./gather.ts";
import { isPassingProblem } from "./passing-problem.ts";
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
  /** Attempts to be found again by the work they did. */
  readonly cached?: readonly { readonly digest: string; readonly attempt: AttemptName }[];
  /** The command or result that the decision was about; taken off its stream with the commit. */
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

/** The last attempt that did a piece of work; undefined when none is known. */
export async function findCached(
  connection: RedisConnection,
  names: Names,
  digest: string,
): Promise<AttemptName | undefined> {
  const json = parseBoundedJson((await connection.hget(names.cache, digest)) ?? "");
  const attempt = attemptNameSchema.safeParse(json.ok ? json.value : undefined);
  return attempt.success ? attempt.data : undefined;
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
  const [outcome] = await commitRuns(connection, names, [commit], fence);
  invariant(outcome !== undefined, "a commit was not answered");
  return await outcome;
}

/** Stores the decisions that are made in one turn of the event loop together. */
export function commitTogether(
  connection: RedisConnection,
  names: Names,
  fence: number,
): (commit: RunCommit) => Promise<CommitOutcome> {
  return gather(TOGETHER, charactersOf, (commits) => commitRuns(connection, names, commits, fence));
}

function charactersOf({ origin, state, event, tasks }: RunCommit): number {
  const messages = tasks.reduce((sum, { message }) => sum + message.length, 0);
  return (origin?.length ?? 0) + state.length + event.length + messages;
}

/**
 * Stores decisions on different runs. What Redis refuses of several is sent again alone, so that one
 * run that somebody has damaged does not stop the others.
 */
async function commitRuns(
  connection: RedisConnection,
  names: Names,
  commits: readonly RunCommit[],
  fence: number | undefined,
): Promise<readonly (CommitOutcome | Promise<CommitOutcome>)[]> {
  const made = commits.map((commit) => ({ commit, token: newToken() }));
  const store = (some: typeof made): Promise<readonly unknown[]> =>
    storeAll(connection, names, some, fence);
  const answers = await store(made).catch((cause: unknown) => {
    if (made.length === 1 || isPassingProblem(cause)) throw cause;
    return [];
  });
  const alone = async (one: (typeof made)[number]): Promise<CommitOutcome> =>
    outcomeOf((await store([one]))[0]);
  return made.map((one, index) => {
    const answer = answers[index];
    const isRefused = answer === undefined || (Array.isArray(answer) && answer[0] === REFUSED);
    return isRefused ? alone(one) : outcomeOf(answer);
  });
}

/** What the script answers for one of several that Redis refused. */
const REFUSED = -2;

function outcomeOf(answer: unknown): CommitOutcome {
  const [committed, version] = Array.isArray(answer) ? answer.map(Number) : [];
  if (committed === 1) return { committed: true, version: version ?? 0 };
  if (committed === -1) return { committed: false, fenced: true };
  return { committed: false, fenced: false, presentVersion: version ?? 0 };
}

/** A decision, named by a token so that sent again it counts once. */
interface Made {
  readonly commit: RunCommit;
  readonly token: string;
}

async function storeAll(
  connection: RedisConnection,
  names: Names,
  made: readonly Made[],
  fence: number | undefined,
): Promise<readonly unknown[]> {
  const keys = [
    names.runIndex,
    names.activeRuns,
    names.dueSet,
    names.fence,
    names.commandStream,
    names.resultStream,
  ];
  const argv: (string | number)[] = [
    ORCHESTRATOR_GROUP,
    fence ?? "",
    names.channel("event.run"),
    made.length,
  ];
  for (const one of made) addCommit(names, one, keys, argv);
  addCached(names, made, keys, argv);
  const reply = await runScript(connection, commitScript, keys, argv);
  return Array.isArray(reply) ? reply : [];
}

/** Adds a decision to the words of the script, in the order it takes them. */
function addCommit(
  names: Names,
  { commit, token }: Made,
  keys: string[],
  argv: (string | number)[],
): void {
  const { runId, source, timersToSet, timersToClear, tasks, notes } = commit;
  keys.push(names.runHash(runId), names.runEventStream(runId));
  argv.push(commit.expectedVersion, runId, commit.now, commit.ended ? 1 : 0);
  argv.push(commit.origin ?? "", commit.state, commit.event);
  const place = source === null ? 0 : keys.indexOf(source.stream) + 1;
  invariant(source === null || place > 0, "decisions are made on commands and results only");
  argv.push(place, source?.entryId ?? "");
  argv.push(token);
  argv.push(timersToSet.length);
  for (const { dueAt, member } of timersToSet) argv.push(dueAt, member);
  argv.push(timersToClear.length, ...timersToClear, tasks.length);
  for (const { taskId, agent, message } of tasks) {
    keys.push(names.taskStream(agent), names.openTasks(agent));
    argv.push(taskId, names.channel(`task.${agent}`), message);
  }
  argv.push(notes.length);
  for (const { topic, message } of notes) argv.push(names.channel(topic), message);
}

/** Adds what is to be found again, if anything is: decisions without it pay nothing for it. */
function addCached(
  names: Names,
  made: readonly Made[],
  keys: string[],
  argv: (string | number)[],
): void {
  const before = argv.length;
  for (const [index, { commit }] of made.entries()) {
    for (const { digest, attempt } of commit.cached ?? []) {
      argv.push(index + 1, digest, commit.now, JSON.stringify(attempt));
    }
  }
  if (argv.length > before) keys.push(names.cache, names.cacheAges);
}

/** With a count, names a commit of this process and no other. */
const PROCESS_NONCE = randomUUID();
let commitsMade = 0;

function newToken(): string {
  commitsMade += 1;
  return `${PROCESS_NONCE}.${commitsMade}`;
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
