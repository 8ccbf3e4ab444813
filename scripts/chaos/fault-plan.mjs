/** What is broken when, from a seed. */
import { seededRandom } from "../../src/base/random.ts";

/** Shortest and longest time between two faults, milliseconds. */
const PAUSE_MS = [150, 900];

/** Shortest and longest time something stands still, milliseconds; longer than a lease. */
const STANDSTILL_MS = [200, 4000];

const WORKERS = [
  "orchestrator:0",
  "orchestrator:1",
  "simulation:0",
  "simulation:1",
  "qna:0",
  "viz:0",
];

/** Kinds of faults with their shares. */
const FAULTS = [
  { share: 40, kind: "kill-worker" },
  { share: 20, kind: "stop-worker" },
  { share: 6, kind: "kill-console" },
  { share: 4, kind: "stop-console" },
  { share: 10, kind: "kill-broker" },
  { share: 6, kind: "stop-broker" },
  { share: 10, kind: "cut-connections" },
  { share: 4, kind: "forget-scripts" },
];

/** The faults of a seed in their order, each with its time in milliseconds from the beginning. */
export function planFaults(seed, durationMs) {
  const random = seededRandom(seed);
  const between = ([least, most]) => Math.floor(least + random.next() * (most - least));
  const total = FAULTS.reduce((sum, { share }) => sum + share, 0);
  const faults = [];
  for (let at = between(PAUSE_MS); at < durationMs; at += between(PAUSE_MS)) {
    const kind = draw(FAULTS, random.next() * total);
    const worker = WORKERS[between([0, WORKERS.length])];
    const crew = between([0, 2]);
    faults.push({ at, kind, worker, crew, standstillMs: between(STANDSTILL_MS) });
  }
  return faults;
}

/** The kind on which a ticket falls when each has as many tickets as its share. */
function draw(kinds, ticket) {
  let end = 0;
  for (const { kind, share } of kinds) {
    end += share;
    if (ticket < end) return kind;
  }
  return kinds[0].kind;
}
