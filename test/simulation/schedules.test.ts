/**
 * Thousands of schedules, each from a seed. A failure names its seed: `SEED=42 npx vitest run
 * --project fast test/simulation` plays it alone.
 */
import { expect, test } from "vitest";
import { errorMessage } from "../../src/base/error-message.ts";
import { playLossyWorld, playWorld } from "./world.ts";

/** The schedule to play alone. */
const SEED = process.env["SEED"];

/** How many schedules are played of each kind of world. */
const SCHEDULES = Number(process.env["SCHEDULES"] ?? 250);

/** By when all are played, on a machine that has much else to do, milliseconds. */
const LONGEST_MS = 900_000;

async function playAll(play: (seed: number) => Promise<number>): Promise<void> {
  const seeds =
    SEED === undefined ? Array.from({ length: SCHEDULES }, (_, seed) => seed) : [Number(SEED)];
  let reused = 0;
  for (const seed of seeds) {
    reused += await play(seed).catch((cause: unknown) => {
      throw new Error(`SEED=${seed} plays this again: ${errorMessage(cause)}`, { cause });
    });
  }
  if (SEED === undefined) expect(reused).toBeGreaterThan(0); // Else the cache was not played at all.
}

test(
  "nothing is lost, counted twice or left over, whatever breaks",
  async () => {
    await playAll(playWorld);
  },
  LONGEST_MS,
);

test(
  "a bus that loses its data is given back what consoles know, and every run ends",
  async () => {
    await playAll(playLossyWorld);
  },
  LONGEST_MS,
);
