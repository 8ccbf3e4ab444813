import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TopicMonitor } from "../../src/console/topic-monitor.ts";
import { parseMessage } from "../../src/protocol/parse-message.ts";
import { resultDataSchema } from "../../src/protocol/tasks.ts";
import { escapeText } from "../../src/ui/escape-text.ts";
import { fitLine, span } from "../../src/ui/spans.ts";
import { readHostileMessages } from "../support/hostile-messages.ts";

/** What a terminal would obey, reorder by, or not show. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

/** Every text inside a value, keys included. */
function textsOf(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => [key, ...textsOf(member)]);
}

describe.each(readHostileMessages())("$name", ({ bytes, refusal }) => {
  const text = bytes.toString("utf8");

  test("is refused with its reason, or is a message that harms nothing", () => {
    const parsed = parseMessage(text, resultDataSchema);
    expect(parsed.ok ? null : parsed.error).toEqual(
      refusal === null ? null : expect.stringContaining(refusal),
    );
    expect(Reflect.get({}, "admin")).toBeUndefined();
  });

  test("is counted, and shows nothing that a terminal obeys", () => {
    const monitor = new TopicMonitor();
    const problem = monitor.observe("result.qna", text, 0);
    expect(monitor.unparsable).toBe(refusal === null ? 0 : 1);
    const parsed = parseMessage(text, resultDataSchema);
    const inside = parsed.ok ? textsOf(parsed.value) : [];
    for (const shown of [text.slice(0, 2000), problem ?? "", ...inside]) {
      expect(escapeText(shown)).not.toMatch(UNSEEN);
      for (const piece of fitLine([span(shown)], 80)) expect(piece.text).not.toMatch(UNSEEN);
    }
  });
});

test("no text whatever makes the parser throw, or gives a message with a foreign prototype", () => {
  const json = fc.json({ maxDepth: 80 });
  const broken = fc
    .tuple(json, fc.nat(), fc.string({ unit: "binary", maxLength: 4 }))
    .map(([text, at, piece]) => {
      const index = at % (text.length + 1);
      return text.slice(0, index) + piece + text.slice(index);
    });
  fc.assert(
    fc.property(fc.oneof(json, broken, fc.string({ unit: "binary" })), (text) => {
      const parsed = parseMessage(text, resultDataSchema);
      if (!parsed.ok) expect(parsed.error).not.toBe("");
      expect(Object.keys(Object.prototype)).toEqual([]);
    }),
    { numRuns: 2000 },
  );
});
