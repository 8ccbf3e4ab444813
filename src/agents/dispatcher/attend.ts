/**
 * What to do about a task that a foreign program should be working on, decided purely.
 *
 * A foreign agent that only knows Pub/Sub cannot take a task off a queue: it hears it or it does
 * not. So the task is published again when nobody can have heard it, when everybody who could have
 * heard it has gone, and when there was no sign of it (progress or a result) for a lease.
 */

/** A task while it is with foreign agents. */
export interface AttendedTask {
  /** How often it has been published, the orchestrator's own copy included. */
  readonly publications: number;
  /** When it was published or when a sign of it was heard, whichever is later; milliseconds. */
  readonly lastSignAt: number;
  /** When the attempt must have ended. */
  readonly deadlineAt: number;
  /** Whether somebody who has heard it may still be there. */
  readonly heard: boolean;
}

/** What is known at a moment. */
export interface Moment {
  readonly now: number;
  /** How many listen to the topic by its name; those who listen by pattern are not known. */
  readonly listeners: number;
  readonly leaseMs: number;
  readonly maximumPublications: number;
}

/** What follows. */
export type AttendStep = "wait" | "publish" | "give-up" | "time-out";

/** Decides on one task at one moment; answers the task as it is then, and what to do. */
export function attend(task: AttendedTask, moment: Moment): readonly [AttendedTask, AttendStep] {
  const { now, listeners, leaseMs, maximumPublications } = moment;
  if (now >= task.deadlineAt) return [task, "time-out"];
  const heard = task.heard && listeners > 0;
  const isSilent = now - task.lastSignAt >= leaseMs;
  const isAnswerable = !heard && listeners > 0;
  if (!isSilent && !isAnswerable) return [{ ...task, heard }, "wait"];
  if (task.publications >= maximumPublications) return [{ ...task, heard }, "give-up"];
  const published = { publications: task.publications + 1, lastSignAt: now, heard: listeners > 0 };
  return [{ ...task, ...published }, "publish"];
}
