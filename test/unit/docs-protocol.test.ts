import { expect, test } from "vitest";
import type { z } from "zod";
import {
  qnaInputSchema,
  qnaOutputSchema,
  simulationInputSchema,
} from "../../src/protocol/agent-data.ts";
import { TOPIC_NAMES } from "../../src/protocol/names.ts";
import { parseBoundedJson, parseMessage } from "../../src/protocol/parse-message.ts";
import { resultDataSchema, taskDataSchema } from "../../src/protocol/tasks.ts";
import { schemaOfTopic } from "../../src/protocol/topics.ts";
import { sessionEntrySchema } from "../../src/session/core/entry.ts";
import {
  protocolExamples as examples,
  exampleMessages as messages,
  protocolPage as page,
} from "../support/protocol-page.ts";

test.each(messages)("the example of %s can be parsed", (topic, text) => {
  expect(TOPIC_NAMES).toContain(topic);
  expect(parseMessage(text, schemaOfTopic(topic)!)).toMatchObject({ ok: true });
});

test.each(["task.", "result.", "progress.", "control.", "event.run", "agent.registry"])(
  "there is an example of %s",
  (family) => {
    expect(messages.some(([topic]) => topic.startsWith(family))).toBe(true);
  },
);

test("the examples show every kind of progress and both kinds of result", () => {
  const kinds = messages.flatMap(([topic, text]) => {
    const parsed = parseMessage<unknown>(text, schemaOfTopic(topic)!);
    const data = parsed.ok ? (parsed.value.data as Record<string, unknown>) : {};
    return [data["kind"], topic.startsWith("result.") ? data["status"] : undefined];
  });
  expect(kinds).toEqual(
    expect.arrayContaining(["started", "advanced", "logged", "tool-called", "succeeded", "failed"]),
  );
});

test("inputs and outputs in the examples fit their agents", () => {
  const inputs: Readonly<Record<string, z.ZodType>> = {
    "task.simulation": simulationInputSchema,
    "task.qna": qnaInputSchema,
  };
  for (const [topic, text] of messages) {
    const task = parseMessage(text, taskDataSchema);
    if (task.ok) expect(inputs[topic]?.safeParse(task.value.data.input).success).toBe(true);
    const result = parseMessage(text, resultDataSchema);
    if (!result.ok || result.value.data.status === "failed") continue;
    expect(topic).toBe("result.qna");
    expect(qnaOutputSchema.safeParse(result.value.data.output).success).toBe(true);
  }
});

test("the example of the session mirror is an entry", () => {
  const plain = examples.filter(({ topic }) => topic === undefined);
  expect(plain).toHaveLength(1);
  const json = parseBoundedJson(plain[0]?.text ?? "");
  expect(sessionEntrySchema.safeParse(json.ok ? json.value : undefined).success).toBe(true);
});

test("the messages in the shell examples can be parsed", () => {
  const texts = [...page.matchAll(/PUBLISH (result\.qna) '(\{.*\})'$/gm)];
  expect(texts).toHaveLength(1);
  for (const [, topic = "", text = ""] of texts) {
    expect(parseMessage(text, schemaOfTopic(topic)!)).toMatchObject({ ok: true });
  }
  const beat = /BEAT='(.*)'$/m.exec(page)?.[1];
  const around = /PUBLISH agent\.heartbeat '(.*)'"\$BEAT"'(.*)'$/m.exec(page);
  const whole = `${around?.[1]}${beat}${around?.[2]}`;
  expect(parseMessage(whole, schemaOfTopic("agent.heartbeat")!)).toMatchObject({ ok: true });
});
