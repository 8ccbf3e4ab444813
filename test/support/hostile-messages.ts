/** The corpus of hostile messages, with what is to become of each. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { MAXIMUM_MESSAGE_BYTES } from "../../src/protocol/envelope.ts";

const FOLDER = join(import.meta.dirname, "../fixtures/hostile");

/** A message somebody could publish. */
export interface HostileMessage {
  readonly name: string;
  readonly bytes: Buffer;
  /** A part of the reason it is refused with; null when it is well formed and accepted. */
  readonly refusal: string | null;
}

/** Every message of the corpus; the test fails when a file has no expectation, or the reverse. */
export function readHostileMessages(): readonly HostileMessage[] {
  const expected = z
    .record(z.string(), z.string().nullable())
    .parse(JSON.parse(readFileSync(join(FOLDER, "expected.json"), "utf8")));
  const files = readdirSync(FOLDER).filter(
    (name) => !["expected.json", "README.md"].includes(name),
  );
  const names = [...new Set([...files, ...Object.keys(expected)])].sort();
  const kept = names.map((name) => {
    const refusal = expected[name];
    if (refusal === undefined) throw new Error(`nothing is expected of ${name}`);
    return { name, bytes: readFileSync(join(FOLDER, name)), refusal };
  });
  return [...kept, ...TOO_LONG];
}

const LONGEST = `longer than ${MAXIMUM_MESSAGE_BYTES} bytes`;

/** One byte more than is allowed, as one text and as many characters of three bytes. */
const TOO_LONG: readonly HostileMessage[] = [
  {
    name: "one byte too long",
    bytes: Buffer.from(`"${"x".repeat(MAXIMUM_MESSAGE_BYTES - 1)}"`),
    refusal: LONGEST,
  },
  {
    name: "too long in bytes, not in characters",
    bytes: Buffer.from(`"${"€".repeat(MAXIMUM_MESSAGE_BYTES / 2)}"`),
    refusal: LONGEST,
  },
];
