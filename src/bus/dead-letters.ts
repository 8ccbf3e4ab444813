/**
 * Messages that could not be used, each kept with its reason: set aside by those who read them,
 * listed, replayed and dropped by an operator.
 */
import { createHash } from "node:crypto";
import type { Names } from "../protocol/names.ts";
import type { RedisConnection } from "./connection.ts";
import { runScript } from "./run-script.ts";
import { lodgeScript, replayScript, setAsideScript } from "./scripts/dead-letter.ts";
import type { StreamEntry } from "./stream-reader.ts";
import { entriesOf } from "./stream-reader.ts";

/** How much is kept of a text that is larger than any message of ours, characters. */
const KEPT_CHARACTERS = 4096;

/** A text up to this length is kept whole and can be replayed, characters. */
const WHOLE_CHARACTERS = 256 * 1024;

/** A dead letter. */
export interface DeadLetter {
  readonly id: string;
  /** The stream's key, or the topic, that it came through. */
  readonly origin: string;
  readonly reason: string;
  readonly text: string;
}

/** Who takes an entry off its stream. */
export interface EntryHolder {
  readonly group: string;
  readonly consumer: string;
  /** The orchestrator's fencing token. */
  readonly fence?: number;
}

/**
 * Takes an entry off its stream: to the dead letters with a reason, for good without one. Safe to
 * repeat. False when the entry was not ours to take.
 */
export async function settleEntry(
  connection: RedisConnection,
  names: Names,
  holder: EntryHolder,
  entry: Pick<StreamEntry, "stream" | "id">,
  letter?: { readonly reason: string; readonly text: string },
): Promise<boolean> {
  const done = await runScript(
    connection,
    setAsideScript,
    [entry.stream, names.deadLetterStream, names.fence],
    [
      holder.group,
      entry.id,
      holder.consumer,
      holder.fence ?? "",
      letter?.reason ?? "",
      keep(letter?.text ?? ""),
    ],
  );
  return done === 1;
}

/** Sets a published message aside; several listeners may do so. */
export async function lodge(
  connection: RedisConnection,
  names: Names,
  letter: Omit<DeadLetter, "id">,
): Promise<void> {
  const digest = createHash("sha256").update(`${letter.origin}\n${letter.text}`).digest("hex");
  await runScript(
    connection,
    lodgeScript,
    [names.seenKey(`letter.${digest}`), names.deadLetterStream],
    [letter.origin, letter.reason, letter.text.slice(0, KEPT_CHARACTERS)],
  );
}

/** The newest dead letters, newest first. */
export async function listLetters(
  connection: RedisConnection,
  names: Names,
  most: number,
): Promise<readonly DeadLetter[]> {
  const { deadLetterStream } = names;
  const found = await connection.xrevrange(deadLetterStream, "+", "-", "COUNT", most);
  return lettersOf(deadLetterStream, found);
}

/** One dead letter; undefined when there is none of this id. */
export async function findLetter(
  connection: RedisConnection,
  names: Names,
  id: string,
): Promise<DeadLetter | undefined> {
  const found = await connection.xrange(names.deadLetterStream, id, id);
  return lettersOf(names.deadLetterStream, found)[0];
}

/** Puts a text into a stream in exchange for a letter; false when the letter is gone. */
export async function exchangeLetter(
  connection: RedisConnection,
  names: Names,
  id: string,
  target: { readonly stream: string; readonly text: string },
): Promise<boolean> {
  const keys = [names.deadLetterStream, target.stream];
  return (await runScript(connection, replayScript, keys, [id, target.text])) === 1;
}

/** Deletes a letter; false when it is gone already. */
export async function dropLetter(
  connection: RedisConnection,
  names: Names,
  id: string,
): Promise<boolean> {
  return (await connection.xdel(names.deadLetterStream, id)) === 1;
}

function lettersOf(stream: string, entries: unknown): readonly DeadLetter[] {
  return entriesOf([[stream, entries]]).map(({ id, fields }) => ({
    id,
    origin: fields.get("origin") ?? "",
    reason: fields.get("reason") ?? "",
    text: fields.get("text") ?? "",
  }));
}

function keep(text: string): string {
  return text.length <= WHOLE_CHARACTERS ? text : text.slice(0, KEPT_CHARACTERS);
}
