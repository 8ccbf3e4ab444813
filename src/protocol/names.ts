/**
 * Every name of a topic, a stream, a group and a key: built here and nowhere else.
 * Topics are Pub/Sub channels, plain in the default namespace (`task.qna`), prefixed otherwise
 * (`ns:task.qna`). Keys share one hash tag, so that scripts may touch several on a cluster.
 */
import type { RunId, SessionId, TaskAgentName, WorkerSlot } from "./ids.ts";
import { TASK_AGENT_NAMES } from "./ids.ts";

/** The namespace that is used when none is given; its channels carry no prefix. */
export const DEFAULT_NAMESPACE = "default";

/** What a namespace may look like: it becomes part of channel and key names. */
export const NAMESPACE_PATTERN = /^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/;

/** A topic's name without the namespace. */
export type TopicName =
  | `task.${TaskAgentName}`
  | `result.${TaskAgentName}`
  | `progress.${TaskAgentName}`
  | `control.${TaskAgentName}`
  | "event.run"
  | "agent.registry"
  | "agent.heartbeat";

/** Every topic of the built-in agents and of some others, in the order a screen lists them. */
export function topicNames(custom: readonly TaskAgentName[]): readonly TopicName[] {
  const agents: readonly TaskAgentName[] = [...TASK_AGENT_NAMES, ...custom];
  return [
    ...agents.map((agent): TopicName => `task.${agent}`),
    ...agents.map((agent): TopicName => `result.${agent}`),
    ...agents.map((agent): TopicName => `progress.${agent}`),
    ...agents.map((agent): TopicName => `control.${agent}`),
    "event.run",
    "agent.registry",
    "agent.heartbeat",
  ];
}

/** Every topic of the built-in agents. */
export const TOPIC_NAMES: readonly TopicName[] = topicNames([]);

/** The patterns that catch every topic, foreign ones of our families included. */
export const TOPIC_PATTERNS = [
  "task.*",
  "result.*",
  "progress.*",
  "control.*",
  "event.*",
  "agent.*",
] as const;

/** The consumer group of task streams: its members are worker slots. */
export const TASK_GROUP = "w";

/** The consumer group of the orchestrator's streams. */
export const ORCHESTRATOR_GROUP = "orch";

/** The names of one namespace. */
export interface Names {
  readonly namespace: string;
  /** The Pub/Sub channel of a topic or of a topic pattern. */
  channel(topic: string): string;
  /** The topic of a channel; undefined when the channel belongs to another namespace. */
  topicOf(channel: string): string | undefined;
  /** A random id set when the keyspace was made; gone or changed means the data was lost. */
  readonly epochKey: string;
  /** The work queue of an agent; group `w`. */
  taskStream(agent: TaskAgentName): string;
  /** The entries of tasks whose result is awaited: task id → entry id in the agent's queue. */
  openTasks(agent: TaskAgentName): string;
  /** Results not yet decided on; group `orch`. */
  readonly resultStream: string;
  /** Operators' commands and due timers not yet decided on; group `orch`. */
  readonly commandStream: string;
  /** Messages that could not be used, each with its reason. */
  readonly deadLetterStream: string;
  /** The fold of a run at its version. */
  runHash(runId: RunId): string;
  /** A run's events; an entry's id is `<seq>-0`. */
  runEventStream(runId: RunId): string;
  /** Attempts whose results may be taken again: digest of the work → name of the attempt; expires. */
  readonly cache: string;
  /** The same digests by the time they were added (milliseconds). */
  readonly cacheAges: string;
  /** All runs by the time they were requested. */
  readonly runIndex: string;
  /** Runs that have not ended. */
  readonly activeRuns: string;
  /** Timers by the time they are due (milliseconds). */
  readonly dueSet: string;
  /** Who may decide: the orchestrator's lease; expires. */
  readonly lease: string;
  /** The newest fencing token; only its holder's decisions are stored. */
  readonly fence: string;
  /** Marks a message id as taken in. */
  seenKey(messageId: string): string;
  /** A worker's last heartbeat; expires. */
  heartbeatKey(slot: WorkerSlot): string;
  /** The slots that have beaten, for finding their keys. */
  readonly heartbeatIndex: string;
  /** A session's copy. */
  sessionStream(sessionId: SessionId): string;
  /** The sessions that have a copy: id → JSON of its header. */
  readonly sessionIndex: string;
  /** The ids of the entries in a session's copy. */
  sessionEntryIds(sessionId: SessionId): string;
  /** Sessions that were deleted: id → the entry that did it. */
  readonly deletedSessions: string;
  /** Sessions by the number of their last change. */
  readonly changedSessions: string;
  /** How many changes sessions have seen. */
  readonly sessionChanges: string;
  /** Held while one console changes a session; expires. */
  sessionLock(sessionId: SessionId): string;
  /** A piece of an artifact that was asked for; expires. */
  artifactPiece(sha256: string, offset: number): string;
}

/** The names of namespace `namespace`. */
export function namesOf(namespace: string): Names {
  const prefix = namespace === DEFAULT_NAMESPACE ? "" : `${namespace}:`;
  const root = `{aimie:${namespace}}`;
  return {
    namespace,
    channel: (topic) => `${prefix}${topic}`,
    topicOf(channel) {
      if (!channel.startsWith(prefix)) return undefined;
      const topic = channel.slice(prefix.length);
      return topic.includes(":") ? undefined : topic;
    },
    epochKey: `${root}:epoch`,
    taskStream: (agent) => `${root}:t:${agent}`,
    openTasks: (agent) => `${root}:open:${agent}`,
    resultStream: `${root}:res`,
    commandStream: `${root}:cmd`,
    deadLetterStream: `${root}:dlq`,
    runHash: (runId) => `${root}:run:${runId}`,
    runEventStream: (runId) => `${root}:ev:${runId}`,
    cache: `${root}:cache`,
    cacheAges: `${root}:cache-ages`,
    runIndex: `${root}:runs`,
    activeRuns: `${root}:active`,
    dueSet: `${root}:due`,
    lease: `${root}:lead`,
    fence: `${root}:fence`,
    seenKey: (messageId) => `${root}:seen:${messageId}`,
    heartbeatKey: (slot) => `${root}:hb:${slot}`,
    heartbeatIndex: `${root}:hb`,
    sessionStream: (sessionId) => `${root}:ses:${sessionId}`,
    sessionIndex: `${root}:sessions`,
    sessionEntryIds: (sessionId) => `${root}:seen-in:${sessionId}`,
    deletedSessions: `${root}:deleted-sessions`,
    changedSessions: `${root}:changed-sessions`,
    sessionChanges: `${root}:session-changes`,
    sessionLock: (sessionId) => `${root}:lock:${sessionId}`,
    artifactPiece: (sha256, offset) => `${root}:art:${sha256}:${offset}`,
  };
}
