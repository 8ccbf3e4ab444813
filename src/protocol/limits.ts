/** Bounds of the queues inside processes; what is beyond them is dropped and counted, or waits. */

/** Messages that may be lost (progress, heartbeats) on their way to Redis at a time, per worker. */
export const MAXIMUM_TELLS = 200;

/** Published results and tasks on their way into a stream at a time, per orchestrator. */
export const MAXIMUM_ADOPTIONS = 500;

/** Tasks that a dispatcher keeps for foreign agents at a time. */
export const MAXIMUM_DISPATCHED = 100;

/** Messages of one topic that a console reads in a second; the rest is counted. Not for `event.run`. */
export const MAXIMUM_READ_PER_SECOND = 500;
