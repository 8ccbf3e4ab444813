import { expect, test } from "vitest";
import { answerQuestion } from "../../src/engines/analyst/analyst.ts";
import { formatNumber, formatTime, quoted } from "../../src/engines/analyst/format-number.ts";
import type { Row } from "../../src/engines/analyst/phrase-parts.ts";
import type { AnalystTable, Subject } from "../../src/engines/analyst/table.ts";

const level: Subject = { name: "level", label: "Level", kind: "stock", unit: "m", constant: null };
const inflow: Subject = {
  name: "inflow",
  label: "Inflow",
  kind: "flow",
  unit: "m3/hours",
  constant: null,
};
const table: AnalystTable = {
  timeUnit: "hour",
  startTime: 2,
  stopTime: 12,
  subjects: [level, inflow],
  highlights: ["inflow"],
};

async function say(question: string, row: Row, of = table) {
  const answer = await answerQuestion({ question }, of, async () => ({ ok: true, value: row }));
  return answer.ok ? answer.value : undefined;
}

test.each([
  [0, "0"],
  [163.4567, "163.5"],
  [1000, "1,000"],
  [12408.7, "12,409"],
  [-0.012345, "-0.01235"],
  [3.21e-7, "3.21e-7"],
  [1.5e15, "1.5e15"],
])("writes %d as %s", (value, text) => {
  expect(formatNumber(value)).toBe(text);
});

test("keeps times to the thousandth and names to a readable length", () => {
  expect(formatTime(31.2504)).toBe("31.25");
  expect(quoted("x".repeat(100))).toHaveLength(60);
  expect(quoted("\u001b[2J")).toBe("“�[2J”");
});

test("says the peak, its time, its unit and how it was found", async () => {
  const row = { value: 3.14251, at_time: 7.5 };
  expect(await say("What is the peak of level, and when does it occur?", row)).toMatchObject({
    answer: "“Level” peaks at 3.143 m at hour 7.5.",
    value: 3.14251,
    unit: "m",
    how: "The largest of the stored values of “Level” over the whole run, and the first time it occurs.",
  });
  expect(await say("How long until level peaks?", row)).toMatchObject({
    answer: "“Level” peaks at 3.143 m 5.5 hours after the start.",
    value: 5.5,
    unit: "hour",
  });
});

test("calls time by its own name when the calendar does not know the unit", async () => {
  const plain = { ...table, timeUnit: "Time" };
  expect(await say("level at time 5", { value: 1, at_time: 5 }, plain)).toMatchObject({
    answer: "“Level” is 1 m at time 5.",
  });
});

test("says when the stored time is not the one asked for", async () => {
  expect(await say("level at hour 5.1", { value: 1, at_time: 5 })).toMatchObject({
    answer: "“Level” is 1 m at hour 5, the stored time nearest to 5.1.",
  });
});

test("takes the time out of a flow's unit when it adds the flow up", async () => {
  expect(await say("What is the total of inflow?", { value: 12 })).toMatchObject({
    answer: "“Inflow” adds up to 12 m3 over the whole run.",
    unit: "m3",
  });
});

test("says of a condition from when, until when, or that it never holds", async () => {
  const ends = { start_at: 2, end_at: 12 };
  const held = { first_at: 2, last_at: 12, ...ends };
  expect(await say("When is level first above 1?", held)).toMatchObject({
    answer: "“Level” is above 1 m for the first time at hour 2 (from the start of the run).",
  });
  expect(await say("When is level last above 1?", held)).toMatchObject({
    answer: "“Level” is above 1 m for the last time at hour 12 (the end of the run).",
  });
  const never = { first_at: null, last_at: null, ...ends };
  expect(await say("When does level fall below half of its peak?", never)).toMatchObject({
    answer: "“Level” never falls below 50 % of its peak value in this run.",
    value: null,
  });
});

test("does not compare or add up what does not go together", async () => {
  expect(await say("Which is higher at the end, level or inflow?", {})).toMatchObject({
    status: "abstained",
    reason: "“Level” and “Inflow” are measured in different units.",
  });
  expect(await say("What is the total of level?", {})).toMatchObject({ status: "abstained" });
});

test("abstains rather than say a number that is not finite", async () => {
  for (const value of [null, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(await say("What is the mean of level?", { value, rows: 3 })).toMatchObject({
      status: "abstained",
    });
  }
});

test("hands the query's problem on", async () => {
  const answer = await answerQuestion({ question: "peak of level" }, table, async () => ({
    ok: false,
    error: "broken",
  }));
  expect(answer).toEqual({ ok: false, error: "broken" });
});

test("suggests the run's highlights first", async () => {
  const abstained = await say("Why?", {});
  expect(abstained?.answer).toMatch(/I can tell you: What is the peak of Inflow, and when/u);
});
