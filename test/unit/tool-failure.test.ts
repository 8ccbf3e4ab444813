import { expect, test } from "vitest";
import { decodeToolFailure, encodeToolFailure } from "../../src/agents/runtime/tool-failure.ts";

test("brings a failure through a tool's result unchanged", () => {
  const failure = { kind: "cancelled", message: "Stopped.", nextStep: "Run it again." } as const;
  const result = encodeToolFailure(failure);
  expect(result.isError).toBe(true);
  expect(decodeToolFailure(result)).toEqual(failure);
});

test("shortens a message that is too long to travel", () => {
  const failure = decodeToolFailure(
    encodeToolFailure({ kind: "tool", message: "x".repeat(9000), nextStep: "y".repeat(9000) }),
  );
  expect(failure.message).toHaveLength(4000);
  expect(failure.nextStep).toHaveLength(1000);
});

test.each([
  ["something broke", "tool", "something broke"],
  ['{"kind":"unheard","message":"x"}', "tool", "unheard"],
  ["Input validation error: Invalid arguments for tool run: bad", "invalid-input", "bad"],
  ["", "tool", "without saying why"],
])("takes the plain text %j of a foreign tool server as the message", (text, kind, message) => {
  const failure = decodeToolFailure({ content: [{ type: "text", text }] });
  expect(failure.kind).toBe(kind);
  expect(failure.message).toContain(message);
});

test("finds the text among other content", () => {
  const image = { type: "image" as const, data: "", mimeType: "image/png" };
  expect(decodeToolFailure({ content: [image, { type: "text", text: "why" }] }).message).toBe(
    "why",
  );
  expect(decodeToolFailure({ content: [image] }).message).toContain("without saying why");
});
