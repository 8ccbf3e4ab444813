import { expect, test } from "vitest";
import type { WorkerView } from "../../src/console/console-state.ts";
import { keepSteady } from "../../src/console/pictures.ts";
import { heartbeatOf, slotOf } from "../support/worker-fixtures.ts";

const worker = (heartbeat: Parameters<typeof heartbeatOf>[1] | null, heardAt = 0): WorkerView => ({
  slot: slotOf("qna"),
  agent: "qna",
  status: "ready",
  own: true,
  pid: 7,
  restarts: 0,
  heartbeat: heartbeat === null ? null : heartbeatOf("qna", heartbeat),
  heartbeatAt: heardAt,
  lastWords: [],
});

test("the telemetry of workers is shown anew once a second, not with each heartbeat", () => {
  const before = [worker({ cpuShare: 0.1 })];
  const next = [worker({ cpuShare: 0.2, rssBytes: 9, uptimeMs: 9 }, 9)];

  expect(keepSteady(before, next, false)).toBe(before);
  expect(keepSteady(before, next, true)).toBe(next);
});

test.for<[string, WorkerView]>([
  ["a worker becomes busy", worker({ activity: "busy" })],
  ["its queue grows", worker({ queueDepth: 3 })],
  ["it is heard for the first time", worker(null)],
  ["it ends", { ...worker({}), status: "restarting", pid: null }],
])("%s: that is shown at once", ([_, changed]) => {
  expect(keepSteady([worker({})], [changed], false)).toEqual([changed]);
});

test("a second in which nothing changed draws nothing", () => {
  const before = [worker({})];
  expect(keepSteady(before, [worker({})], true)).toBe(before);
});
