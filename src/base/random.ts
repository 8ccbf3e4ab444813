import { randomBytes } from "node:crypto";

/** A source of randomness, as a port: uniform numbers in [0, 1). */
export interface Random {
  next(): number;
}

/** The operating system's randomness. */
export const systemRandom: Random = {
  next: () => randomBytes(4).readUInt32BE(0) / 2 ** 32,
};

/**
 * A reproducible generator for tests and seeded work.
 * Algorithm: mulberry32 (T. Ettinger, public domain); 32 bits of state.
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return {
    next() {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    },
  };
}

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

/** A random name of `length` characters of Crockford's base 32 (5 bits each, lower case). */
export function randomName(random: Random, length: number): string {
  let name = "";
  for (let index = 0; index < length; index += 1) {
    name += ALPHABET.charAt(Math.floor(random.next() * ALPHABET.length));
  }
  return name;
}
