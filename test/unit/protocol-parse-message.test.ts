import { expect, test } from "vitest";
import { z } from "zod";
import { MAXIMUM_MESSAGE_BYTES } from "../../src/protocol/envelope.ts";
import { parseBoundedJson, parseMessage } from "../../src/protocol/parse-message.ts";
import { resultDataSchema } from "../../src/protocol/tasks.ts";

const result = { status: "succeeded", output: { a: 1 }, worker: "w", startedAt: 1, finishedAt: 2 };

const envelope = {
  specversion: "1.0",
  id: "01J",
  source: "worker",
  type: "aimie.result.v1",
  subject: "R1.qna.1",
  time: "2026-11-22T09:30:00Z",
  data: result,
};

const parse = (message: unknown) => parseMessage(JSON.stringify(message), resultDataSchema);

test("gives envelope and data of a good message", () => {
  expect(parse(envelope)).toEqual({ ok: true, value: envelope });
});

test.each<[what: string, message: unknown, error: string]>([
  ["no envelope", [], "not a message"],
  ["another version", { ...envelope, specversion: "0.3" }, "specversion"],
  ["an empty id", { ...envelope, id: "" }, "id: "],
  ["an id with a line break", { ...envelope, id: "a\nb" }, "id: "],
  ["an id that is too long", { ...envelope, id: "a".repeat(129) }, "id: "],
  ["a subject with a space", { ...envelope, subject: "a b" }, "subject: "],
  ["a bad step", { ...envelope, stepid: "QNA" }, "stepid: "],
  ["attempt 0", { ...envelope, attempt: 0 }, "attempt: "],
  ["a local time", { ...envelope, time: "2026-11-22 09:30" }, "time: "],
  ["no data", { ...envelope, data: undefined }, "data: "],
  ["data of another topic", { ...envelope, data: { agent: "qna" } }, "does not fit its topic"],
  ["a foreign marker", { ...envelope, via: "pigeon" }, "via: "],
])("refuses %s and says where", (_, message, error) => {
  expect(parse(message)).toEqual({ ok: false, error: expect.stringContaining(error) });
});

test("refuses a message that is too long, in characters or in bytes", () => {
  const long = { ok: false, error: `longer than ${MAXIMUM_MESSAGE_BYTES} bytes` };
  expect(parseBoundedJson("x".repeat(MAXIMUM_MESSAGE_BYTES + 1))).toEqual(long);
  expect(parseBoundedJson("€".repeat(MAXIMUM_MESSAGE_BYTES / 2))).toEqual(long);
  expect(parseBoundedJson(`"${"x".repeat(MAXIMUM_MESSAGE_BYTES - 2)}"`).ok).toBe(true);
});

test("refuses deep nesting, but not brackets in text", () => {
  expect(parseBoundedJson(`${"[".repeat(64)}${"]".repeat(64)}`).ok).toBe(true);
  expect(parseBoundedJson(`${'{"a":'.repeat(65)}1${"}".repeat(65)}`)).toEqual({
    ok: false,
    error: "nested deeper than 64 levels",
  });
  expect(parseBoundedJson("[".repeat(200_000)).ok).toBe(false);
  expect(parseBoundedJson(JSON.stringify(`\\"${"[".repeat(1000)}`)).ok).toBe(true);
});

test.each(['{"__proto__":{"x":1}}', '{"a":[{"__proto__":null}]}', '{"\\u005f_proto__":1}'])(
  "refuses a key __proto__ wherever it is: %s",
  (text) => {
    expect(parseBoundedJson(text)).toEqual({ ok: false, error: 'has a key "__proto__"' });
    expect(parseBoundedJson('{"a":"__proto__"}').ok).toBe(true);
  },
);

test.each(["", "{", '"', '"\\', "nul", "NaN", "\u0000", '{"a":1}}', "\ud800"])(
  "refuses %j as not JSON",
  (text) => {
    expect(parseBoundedJson(text)).toEqual({ ok: false, error: "not JSON" });
  },
);

test("names the first three of many problems", () => {
  const parsed = parseMessage("{}", z.unknown());
  expect(parsed.ok ? "" : parsed.error.split("; ")).toHaveLength(3);
});
