/**
 * Why a step stands where it stands: the chain of events that led there, back to an operator. Pure.
 *
 * W1 The newest link comes first, and no link is told twice.
 * W2 A step that was moved by a step is explained by that step; one that is blocked, by the step
 *    that blocks it; one that waits, also by what it waits for.
 * W3 A chain ends with what a person asked for: the run, a rerun, a cancellation, a verdict.
 */
import { invariant } from "../base/assert.ts";
import type { StepKey } from "../protocol/ids.ts";
import { stepKeyOf } from "../protocol/ids.ts";
import type { SameRunWish } from "../protocol/rerun.ts";
import type { RunEvent, Verdict } from "../protocol/run-events.ts";
import type { HistoryEntry } from "./history.ts";
import { instanceOf } from "./instances.ts";
import { isMet } from "./plan.ts";
import { attemptText } from "./reuse.ts";
import type { Attempt, RunState, StepProgress } from "./state.ts";
import { definitionOf, stateOf } from "./step-access.ts";

/** One event of the chain and what it did. */
export interface WhyLink {
  /** The event's place in the run's log. */
  readonly seq: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly event: RunEvent["type"];
  /** The step it moved; null for what a person asked for. */
  readonly stepKey: StepKey | null;
  /** A sentence without a full stop. */
  readonly says: string;
}

/** A run and how it came to be what it is. */
export interface Story {
  readonly state: RunState;
  readonly history: readonly HistoryEntry[];
}

/** The chain for a step; empty for a step that the run does not have. */
export function whyOf(story: Story, key: StepKey): readonly WhyLink[] {
  const all = [...chain(story, key, Number.POSITIVE_INFINITY), ...pending(story, key, new Set())];
  const told = new Map(all.map((link) => [`${link.seq} ${link.stepKey ?? ""}`, link]));
  return [...told.values()].sort((left, right) => right.seq - left.seq); // W1
}

/** How a step came to where it stood after the event `upTo`. */
function chain(story: Story, key: StepKey, upTo: number): readonly WhyLink[] {
  const entry = story.history.findLast(({ seq, moves }) => seq <= upTo && moves.has(key));
  const progress = entry?.moves.get(key);
  if (entry === undefined || progress === undefined) return [];
  const { seq, event } = entry;
  const declined = event.type === "reuse-declined" ? `; nothing was cached: ${event.reason}` : "";
  const says = `${key} ${moveText(story.state, key, progress)}${declined}`;
  const link: WhyLink = { seq, at: event.at, event: event.type, stepKey: key, says };
  const causes =
    progress.status === "blocked" ? chain(story, progress.by, seq) : causesOf(story, key, entry);
  return [link, ...causes];
}

/** W2, W3. */
function causesOf(story: Story, key: StepKey, entry: HistoryEntry): readonly WhyLink[] {
  const { seq, event } = entry;
  switch (event.type) {
    case "result-received":
    case "result-reused":
    case "reuse-declined":
    case "retry-due":
    case "timeout-reached":
      return chain(story, event.stepKey, event.stepKey === key ? seq - 1 : seq);
    case "verdict-given":
      return [orderLink(entry), ...(event.stepKey === key ? chain(story, key, seq - 1) : [])];
    case "resume-requested":
      return [orderLink(entry), ...lastPause(story, seq)];
    default:
      return [orderLink(entry)];
  }
}

/** What a step that waits is waiting for (W2), each step once however many ways lead to it. */
function pending(story: Story, key: StepKey, visited: Set<StepKey>): readonly WhyLink[] {
  const { state } = story;
  if (visited.has(key)) return [];
  visited.add(key);
  if (stateOf(state, key)?.progress.status !== "waiting") return [];
  const definition = definitionOf(state, key);
  invariant(definition !== undefined, `${key} is not in the flow`);
  const instance = instanceOf(key);
  const open = definition.needs.map(stepKeyOf).filter((need) => !isMet(stateOf(state, need)));
  return [
    ...(state.status === "paused" ? lastPause(story, Number.POSITIVE_INFINITY) : []),
    ...(instance === undefined ? open : [instance.parent]).flatMap((need) => [
      ...chain(story, need, Number.POSITIVE_INFINITY),
      ...pending(story, need, visited),
    ]),
  ];
}

function lastPause({ history }: Story, before: number): readonly WhyLink[] {
  const pauses = history.filter(
    ({ seq, event }) => seq < before && event.type === "pause-requested",
  );
  return pauses.slice(-1).map(orderLink);
}

function moveText(state: RunState, key: StepKey, progress: StepProgress): string {
  switch (progress.status) {
    case "waiting":
      return "was set to wait for its turn";
    case "ready":
      return "was ready, and an earlier result was looked for";
    case "dispatched":
      return `was dispatched as attempt ${progress.attempt}`;
    case "running":
      return `was fanned out as attempt ${progress.attempt}`;
    case "retrying":
      return `is to be retried: ${failureText(state, key, progress.attempt)}`;
    case "cancelling":
      return "was told to stop";
    case "succeeded":
      return successText(attemptOf(state, key, progress.attempt));
    case "failed":
      return `failed: ${failureText(state, key, progress.attempt)}`;
    case "cancelled":
      return "was cancelled";
    case "blocked":
      return `was blocked by ${progress.by}`;
    case "awaiting-approval":
      return "began to wait for approval";
    case "skipped":
      return `was skipped: ${progress.reason}`;
    case "stale":
      return `became stale: ${progress.by} was to be done again without it`;
  }
}

function successText({ attempt, inheritedFrom, cachedFrom }: Attempt): string {
  if (cachedFrom !== undefined) return `took its result from ${attemptText(cachedFrom)}`;
  if (inheritedFrom === undefined) return `succeeded with attempt ${attempt}`;
  return "was taken over from the run this one was forked from";
}

function failureText(state: RunState, key: StepKey, number: number): string {
  const { result } = attemptOf(state, key, number);
  invariant(result?.status === "failed", "a failed attempt tells why");
  return `attempt ${number}, ${result.failure.kind}: ${result.failure.message}`;
}

function attemptOf(state: RunState, key: StepKey, number: number): Attempt {
  const attempt = stateOf(state, key)?.attempts.find((one) => one.attempt === number);
  invariant(attempt !== undefined, "attempts are append-only");
  return attempt;
}

function orderLink({ seq, event }: HistoryEntry): WhyLink {
  return { seq, at: event.at, event: event.type, stepKey: null, says: orderText(event) };
}

function orderText(event: RunEvent): string {
  switch (event.type) {
    case "run-requested":
      return event.spec.forkedFrom === undefined
        ? "the run was asked for"
        : `the run was forked from ${event.spec.forkedFrom}`;
    case "rerun-requested":
      return `${event.stepKey} was asked to be done again, and what is built on it`;
    case "plan-applied":
      return wishText(event.wish);
    case "verdict-given":
      return verdictText(event.stepKey, event.verdict);
    case "pause-requested":
      return "the run was paused";
    case "resume-requested":
      return "the run was resumed";
    default:
      return "the run was cancelled";
  }
}

function wishText(wish: SameRunWish): string {
  switch (wish.kind) {
    case "from":
      return `${wish.stepKey} was asked to be done again, and what is built on it`;
    case "only":
      return `${wish.stepKey} alone was asked to be done again`;
    case "failed":
      return "all that failed was asked to be done again";
    case "stale":
      return "all that is stale was asked to be done again";
  }
}

function verdictText(stepKey: StepKey, verdict: Verdict): string {
  switch (verdict.kind) {
    case "approve":
      return `a person approved ${stepKey}`;
    case "reject":
      return `a person rejected ${stepKey}`;
    case "push-back":
      return `at ${stepKey} a person sent ${verdict.to} back: ${verdict.feedback}`;
  }
}
