/**
 * The entries whose leases are kept, in memory that a worker shares with its lease keeper's thread:
 * to hold and to let go are a few writes, and no message wakes the thread for them.
 *
 * L1 A holding's number is written last and cleared first, and no other ever has it: what is read
 *    between two equal readings of it belongs together.
 */
import { invariant } from "../base/assert.ts";

/** Entries held at a time at most; a worker takes far fewer at once. */
const PLACES = 1024;

/** Number of the holding or 0, then the two halves of the entry's id. */
const WORDS_PER_PLACE = 3;

const BYTES_PER_WORD = 8;

/** The memory of a board, for passing it to a thread. */
export type BoardMemory = SharedArrayBuffer;

/** Memory for a board on which nothing is held. */
export function newBoardMemory(): BoardMemory {
  return new SharedArrayBuffer(PLACES * WORDS_PER_PLACE * BYTES_PER_WORD);
}

/** An entry on the board. */
export interface Holding {
  /** Names this holding and no other, from 1. */
  readonly number: number;
  readonly entryId: string;
}

/** The side that holds; there is one. */
export interface BoardWriter {
  /** Puts an entry on the board; answers the number of the holding. */
  put(entryId: string): number;
  /** Takes a holding off; one that is gone already is passed over. */
  take(number: number): void;
}

/** Opens a board for writing. */
export function writeBoard(memory: BoardMemory): BoardWriter {
  const words = new BigUint64Array(memory);
  const free = Array.from({ length: PLACES }, (_, place) => place * WORDS_PER_PLACE);
  const places = new Map<number, number>();
  let last = 0;
  return {
    put(entryId) {
      const place = free.pop();
      invariant(place !== undefined, `more than ${PLACES} leases are held`);
      const [milliseconds = "0", sequence = "0"] = entryId.split("-");
      last += 1;
      Atomics.store(words, place + 1, BigInt(milliseconds));
      Atomics.store(words, place + 2, BigInt(sequence));
      Atomics.store(words, place, BigInt(last)); // L1
      places.set(last, place);
      return last;
    },
    take(number) {
      const place = places.get(number);
      if (place === undefined) return;
      places.delete(number);
      Atomics.store(words, place, 0n); // L1
      free.push(place);
    },
  };
}

/** What is held now, as seen from any thread. */
export function readBoard(memory: BoardMemory): readonly Holding[] {
  const words = new BigUint64Array(memory);
  const holdings: Holding[] = [];
  for (let place = 0; place < words.length; place += WORDS_PER_PLACE) {
    const number = Atomics.load(words, place);
    if (number === 0n) continue;
    const entryId = `${Atomics.load(words, place + 1)}-${Atomics.load(words, place + 2)}`;
    // L1: one that changed meanwhile has just begun or ended; it is not due yet, or not any more.
    if (Atomics.load(words, place) === number) holdings.push({ number: Number(number), entryId });
  }
  return holdings;
}
