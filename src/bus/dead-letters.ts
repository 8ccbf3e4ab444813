import type { Names } from "../protocol/names.ts";
import type { RedisConnection } from "./connection.ts";

/** How much of a bad message is kept. */
const KEPT_CHARACTERS = 4096;

/** How many dead letters are kept. */
const KEPT_LETTERS = 10_000;

/** Sets a message aside with the reason, where an operator can find it. */
export async function setAside(
  connection: RedisConnection,
  names: Names,
  letter: { readonly origin: string; readonly reason: string; readonly text: string },
): Promise<void> {
  await connection.xadd(
    names.deadLetterStream,
    "MAXLEN",
    "~",
    KEPT_LETTERS,
    "*",
    "origin",
    letter.origin,
    "reason",
    letter.reason,
    "text",
    letter.text.slice(0, KEPT_CHARACTERS),
  );
}
