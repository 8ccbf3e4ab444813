import fc from "fast-check";
import { expect, test } from "vitest";
import { runIdSchema } from "../../src/protocol/ids.ts";
import {
  DEFAULT_NAMESPACE,
  NAMESPACE_PATTERN,
  namesOf,
  TOPIC_NAMES,
  TOPIC_PATTERNS,
} from "../../src/protocol/names.ts";
import { schemaOfTopic } from "../../src/protocol/topics.ts";
import { slotOf } from "../support/worker-fixtures.ts";

const namespace = fc.stringMatching(NAMESPACE_PATTERN);

test("the default namespace's channels are plain, another's begin with its name", () => {
  expect(namesOf(DEFAULT_NAMESPACE).channel("task.qna")).toBe("task.qna");
  expect(namesOf("team").channel("task.*")).toBe("team:task.*");
});

test("a channel leads back to its topic in its own namespace, and nowhere in another", () => {
  fc.assert(
    fc.property(namespace, namespace, fc.constantFrom(...TOPIC_NAMES), (mine, other, topic) => {
      const channel = namesOf(mine).channel(topic);
      expect(namesOf(mine).topicOf(channel)).toBe(topic);
      if (mine !== other) expect(namesOf(other).topicOf(channel)).toBeUndefined();
    }),
  );
});

test("every key of a namespace carries its tag, so that one script may touch them all", () => {
  const names = namesOf("team");
  const run = runIdSchema.parse("R1");
  const keys = [
    names.epochKey,
    names.taskStream("qna"),
    names.resultStream,
    names.commandStream,
    names.deadLetterStream,
    names.runHash(run),
    names.runEventStream(run),
    names.runIndex,
    names.activeRuns,
    names.dueSet,
    names.seenKey("m1"),
    names.heartbeatKey(slotOf("qna")),
    names.heartbeatIndex,
    names.sessionIndex,
    names.deletedSessions,
    names.changedSessions,
    names.sessionChanges,
    names.artifactPiece("ab", 0),
  ];

  expect(keys.filter((key) => !key.startsWith("{aimie:team}:"))).toEqual([]);
  expect(new Set(keys).size).toBe(keys.length);
});

test("the patterns catch every topic", () => {
  const families = TOPIC_PATTERNS.map((pattern) => pattern.slice(0, -1));

  expect(
    TOPIC_NAMES.filter((topic) => !families.some((family) => topic.startsWith(family))),
  ).toEqual([]);
});

test("every topic has a schema, a foreign one has none", () => {
  expect(TOPIC_NAMES.filter((topic) => schemaOfTopic(topic) === undefined)).toEqual([]);
  expect(["event.runs", "agent.registry2", "agent.x", "chat", ""].map(schemaOfTopic)).toEqual(
    Array(5).fill(undefined),
  );
});
