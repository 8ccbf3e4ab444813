import { expect, test } from "vitest";
import { TopicMonitor } from "../../src/console/topic-monitor.ts";
import { customAgentNameSchema } from "../../src/protocol/ids.ts";
import { MAXIMUM_READ_PER_SECOND } from "../../src/protocol/limits.ts";
import { TOPIC_NAMES, topicNames } from "../../src/protocol/names.ts";

const message = JSON.stringify({
  specversion: "1.0",
  id: "m1",
  source: "test",
  type: "aimie.control.v1",
  time: "2026-11-22T09:30:00Z",
  data: { command: "cancel", taskId: "R1.qna.1", reason: "asked" },
});

const viewOf = (monitor: TopicMonitor, topic: string, at: number) =>
  monitor.views(at).find((view) => view.topic === topic);

test("shows every topic of ours from the beginning", () => {
  const views = new TopicMonitor().views(0);

  expect(views.map(({ topic }) => topic)).toEqual(TOPIC_NAMES);
  expect(views.every(({ count, lastAt }) => count === 0 && lastAt === null)).toBe(true);
});

test("lists the topics of agents of the user's own with the others, and keeps what it has counted", () => {
  const monitor = new TopicMonitor();
  monitor.observe("task.forecast", message, 1000);
  monitor.observe("task.stranger", message, 1000);
  const all = topicNames([customAgentNameSchema.parse("forecast")]);
  monitor.expect(all);

  expect(monitor.views(1000).map(({ topic }) => topic)).toEqual([...all, "task.stranger"]);
  expect(viewOf(monitor, "task.forecast", 1000)).toMatchObject({ count: 1 });
});

test("counts messages by the second for half a minute", () => {
  const monitor = new TopicMonitor();
  for (const at of [60_000, 60_999, 62_000]) monitor.observe("control.qna", message, at);

  expect(viewOf(monitor, "control.qna", 62_500)?.perSecond.slice(-4)).toEqual([0, 2, 0, 1]);
  expect(viewOf(monitor, "control.qna", 64_000)?.perSecond.slice(-4)).toEqual([0, 1, 0, 0]);
  const later = viewOf(monitor, "control.qna", 200_000);

  expect(later?.perSecond).toEqual(Array(30).fill(0));
  expect(later).toMatchObject({ count: 3, lastAt: 62_000, lastText: message, unparsable: 0 });
});

test.each([
  ["control.qna", "{", "not JSON"],
  ["control.qna", "{}", "not a message: specversion"],
  ["task.qna", message, "data does not fit its topic: "],
  ["chat.general", message, "not a topic of ours"],
  ["control.qna", "x".repeat(300_000), "longer than 262144 bytes"],
])("says why a message on %s cannot be used: %#", (topic, text, reason) => {
  const monitor = new TopicMonitor();

  expect(monitor.observe(topic, text, 1000)).toContain(reason);

  expect(viewOf(monitor, topic, 1000)).toMatchObject({ count: 1, unparsable: 1 });
  expect(monitor.unparsable).toBe(1);
  expect(monitor.messages.at(0)).toMatchObject({
    at: 1000,
    topic,
    problem: expect.stringContaining(reason),
  });
});

test("finds nothing wrong with a good message", () => {
  const monitor = new TopicMonitor();

  expect(monitor.observe("control.qna", message, 1000)).toBeNull();
  expect(monitor.messages.slice(0, 9)).toEqual([
    { at: 1000, topic: "control.qna", text: message, problem: null },
  ]);
});

test("keeps only the beginning of a long message", () => {
  const monitor = new TopicMonitor();

  monitor.observe("control.qna", "x".repeat(300_000), 1000);

  expect(monitor.messages.at(0)?.text).toHaveLength(8192);
  expect(viewOf(monitor, "control.qna", 1000)?.lastText).toHaveLength(8192);
});

test("counts the many topics of a stranger together", () => {
  const monitor = new TopicMonitor();
  for (let index = 0; index < 1000; index += 1) monitor.observe(`task.x${index}`, "{", 1000);

  const views = monitor.views(1000);

  expect(views.length).toBeLessThanOrEqual(201);
  expect(views.reduce((sum, view) => sum + view.count, 0)).toBe(1000);
  expect(views.at(-1)?.topic).toBe("(others)");
});

test("keeps the newest messages of all topics", () => {
  const monitor = new TopicMonitor();
  for (let index = 0; index < 5010; index += 1) monitor.observe("task.qna", `${index}`, 1000);

  expect(monitor.messages.length).toBe(5000);
  expect(monitor.messages.at(0)?.text).toBe("10");
});

test("a flood is counted and not read, except for the events of runs", () => {
  const monitor = new TopicMonitor();
  const admit = (topic: string, at: number): boolean => {
    if (monitor.isFlooded(topic, at)) return false;
    monitor.observe(topic, "{}", at);
    return true;
  };
  const read = Array.from({ length: 2000 }, () => admit("progress.qna", 5000)).filter(Boolean);
  const events = Array.from({ length: 2000 }, () => admit("event.run", 5000)).filter(Boolean);

  expect([read.length, events.length]).toEqual([MAXIMUM_READ_PER_SECOND, 2000]);
  expect(monitor.views(5000).find(({ topic }) => topic === "progress.qna")?.count).toBe(2000);
  expect(admit("progress.qna", 6000)).toBe(true);
});
