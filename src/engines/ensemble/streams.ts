/**
 * Streams of random numbers that depend on nothing but numbers.
 *
 * R1 A stream is a function of the seed, the purpose and the run: never of threads or of time.
 * R2 Four lanes of 32 bits, each made of all the words in its own way, so that the streams of a
 *    hundred thousand runs do not meet.
 */
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";
import type { Random } from "../../base/random.ts";
import type { Chance } from "../xmile/timed-functions.ts";

/** What a stream is for, so that streams for different ends differ. */
const PURPOSES = {
  "drawn-values": 1,
  "order-of-strata": 2,
  "call-site": 3,
  "named-seed": 4,
} as const;

const LANES = [0x9e3779b9, 0x3c6ef372, 0xdaa66d2b, 0x78dde6e4] as const;

/** The stream of a purpose; `words` tell it from others of the same purpose. R1 R2 */
export function streamOf(
  seed: number,
  purpose: keyof typeof PURPOSES,
  ...words: readonly number[]
): Random {
  const all = [seed, PURPOSES[purpose], ...words];
  const state = LANES.map((lane) =>
    all.reduce((bits, word) => mixed(Math.imul(bits, 5) + lane + mixed(word ^ lane)), lane),
  );
  // All zeros is the one state that a generator of this kind never leaves.
  const generator = xoroshiro128plusFromState(state.every((bits) => bits === 0) ? LANES : state);
  return { next: () => uniformFloat64(generator) };
}

/** A bijection of 32 bits that spreads every bit over all: C. Wellons' "lowbias32", public domain. */
function mixed(word: number): number {
  let bits = word | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x7feb352d);
  bits = Math.imul(bits ^ (bits >>> 15), 0x846ca68b);
  return (bits ^ (bits >>> 16)) | 0;
}

/** The chance of one run after the other: `begin` says which run comes next. */
export interface RunChance extends Chance {
  begin(run: number): void;
}

/** What the random functions of a model draw from in the runs of an ensemble. R1 */
export function runChance(seed: number): RunChance {
  let run = 0;
  return {
    get run() {
      return run;
    },
    begin(next) {
      run = next;
    },
    streamOf(callSite, named) {
      if (named === undefined) return streamOf(seed, "call-site", run, callSite);
      const words = new Int32Array(Float64Array.of(named).buffer);
      return streamOf(seed, "named-seed", run, ...words);
    },
  };
}
