import fc from "fast-check";
import { expect, test } from "vitest";
import { ProtocolError, RespParser } from "../../src/bus/embedded/resp-parser.ts";

const LIMITS = { bulkBytes: 64, queryBytes: 256, lineBytes: 32, args: 8 };

/** The commands found in bytes that come in these pieces, and the error that ended it. */
function parse(pieces: readonly Buffer[], parser = new RespParser()) {
  const commands: string[][] = [];
  try {
    for (const piece of pieces) {
      parser.push(piece);
      for (let found = parser.next(); found !== undefined; found = parser.next()) {
        commands.push(found);
      }
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { commands, error: error.message };
  }
  return { commands, error: undefined };
}

/** The bytes cut at these places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort(
    (a, b) => a - b,
  );
  return [...ends, bytes.length].map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

const word = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString("latin1"));
const command = fc.array(word, { minLength: 1, maxLength: 6 });
const places = fc.array(fc.nat(), { maxLength: 12 });

function encode(words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((text) => `$${text.length}\r\n${text}\r\n`).join("")}`;
}

test("finds the same commands however the bytes are cut", () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 8 }), places, (commands, cuts) => {
      const bytes = Buffer.from(commands.map(encode).join(""), "latin1");

      expect(parse(cut(bytes, cuts))).toEqual({ commands, error: undefined });
    }),
  );
});

test("answers garbage with commands or a protocol error, never with anything else", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      "*",
      "$",
      "1",
      "-1",
      "\r\n",
      "\n",
      '"',
      "'",
      "\\x4",
      "PING",
      "*2\r\n",
      "$3\r\n",
    ),
    word,
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), places, (pieces, cuts) => {
      const bytes = Buffer.from(pieces.join(""), "latin1");
      const whole = parse([bytes]);

      expect(parse(cut(bytes, cuts))).toEqual(whole);
    }),
  );
});

test("never keeps more than its limits allow", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 30 }), (chunks) => {
      const parser = new RespParser(LIMITS);
      const pieces = [Buffer.from("*8\r\n$64\r\n"), ...chunks.map((chunk) => Buffer.from(chunk))];

      const { error } = parse(pieces, parser);

      expect(error !== undefined || parser.pendingBytes <= LIMITS.queryBytes).toBe(true);
    }),
  );
});

test.each([
  ["an argument", "*1\r\n$65\r\n", "invalid bulk length"],
  ["a number of arguments", "*9\r\n", "invalid multibulk length"],
  ["a line", "x".repeat(33), "too big inline request"],
  ["a length line", `*${"1".repeat(40)}`, "too big mbulk count string"],
  ["a command", `*8\r\n${`$60\r\n${"x".repeat(60)}\r\n`.repeat(5)}`, "too big query buffer"],
])("refuses %s beyond the limit", (_what, bytes, expected) => {
  expect(parse([Buffer.from(bytes)], new RespParser(LIMITS)).error).toBe(expected);
});
