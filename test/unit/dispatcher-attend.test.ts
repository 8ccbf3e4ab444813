import { describe, expect, test } from "vitest";
import type { AttendedTask, Moment } from "../../src/agents/dispatcher/attend.ts";
import { attend } from "../../src/agents/dispatcher/attend.ts";

const task: AttendedTask = { publications: 1, lastSignAt: 1000, deadlineAt: 60_000, heard: true };
const moment: Moment = { now: 1100, listeners: 1, leaseMs: 5000, maximumPublications: 3 };
const given = (
  taskChange: Partial<AttendedTask>,
  momentChange: Partial<Moment>,
): ReturnType<typeof attend> => attend({ ...task, ...taskChange }, { ...moment, ...momentChange });

describe("a task with foreign agents", () => {
  test("is left alone while somebody who heard it may be working on it", () => {
    expect(given({}, {})).toEqual([task, "wait"]);
  });

  test("is published as soon as somebody listens, when nobody can have heard it", () => {
    const [waiting, step] = given({ heard: false }, { listeners: 0 });
    expect(step).toBe("wait");
    const published = { publications: 2, lastSignAt: 1100, heard: true };
    expect(attend(waiting, moment)).toEqual([{ ...task, ...published }, "publish"]);
  });

  test("is published again when all who heard it have gone and somebody has come", () => {
    const [orphan, step] = given({}, { listeners: 0 });
    expect([orphan.heard, step]).toEqual([false, "wait"]);
    expect(attend(orphan, moment)[1]).toBe("publish");
  });

  test("is published again after a lease without a sign, to those who listen by pattern too", () => {
    expect(given({}, { now: 6000 })[1]).toBe("publish");
    expect(given({ heard: false }, { now: 6000, listeners: 0 })[1]).toBe("publish");
    expect(given({ lastSignAt: 5000 }, { now: 6000 })[1]).toBe("wait");
  });

  test("is given up after its last publication, and at its deadline", () => {
    expect(given({ publications: 3 }, { now: 6000 })[1]).toBe("give-up");
    expect(given({}, { now: 60_000 })[1]).toBe("time-out");
  });
});
