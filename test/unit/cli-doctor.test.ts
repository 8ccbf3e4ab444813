import { expect, test } from "vitest";
import { judgeFacts } from "../../src/cli/doctor/check-bus.ts";
import type { TerminalFacts } from "../../src/cli/doctor/check-surroundings.ts";
import { judgeNode, judgeTerminal } from "../../src/cli/doctor/check-surroundings.ts";
import { judgeWorkers } from "../../src/cli/doctor/check-workers.ts";
import { heartbeatOf } from "../support/worker-fixtures.ts";

const verdicts = (findings: readonly { readonly verdict: string }[]): string =>
  findings.map(({ verdict }) => verdict).join(" ");

test.each([
  [{ role: "master", maxmemory_policy: "noeviction", aof_enabled: "1" }, "ok ok ok"],
  [{ role: "slave", maxmemory_policy: "noeviction", aof_enabled: "1" }, "fail ok ok"],
  [{ maxmemory_policy: "allkeys-lru", maxmemory: "0", aof_enabled: "1" }, "warn ok"],
  [{ maxmemory_policy: "allkeys-lru", maxmemory: "1000", aof_enabled: "1" }, "fail ok"],
  [{ role: "master", aof_enabled: "0" }, "ok warn"],
])("a given Redis that says %j is judged %s", (facts, expected) => {
  expect(verdicts(judgeFacts(new Map(Object.entries(facts)), "given"))).toBe(expected);
});

const terminal: TerminalFacts = {
  isTerminal: true,
  columns: 120,
  rows: 40,
  colourBits: 8,
  term: "xterm-256color",
  noColour: false,
  locale: "C.UTF-8",
};

test.each<[Partial<TerminalFacts>, string]>([
  [{}, "ok ok ok"],
  [{ isTerminal: false, columns: undefined }, "ok"],
  [{ columns: 0, rows: undefined }, "warn ok ok"],
  [{ term: "dumb" }, "ok warn ok"],
  [{ colourBits: 1, noColour: true }, "ok ok ok"],
  [{ locale: "POSIX" }, "ok ok warn"],
])("a terminal with %j is judged %s", (change, expected) => {
  expect(verdicts(judgeTerminal({ ...terminal, ...change }))).toBe(expected);
});

test.each([
  ["22.18.0", "ok"],
  ["24.1.0", "ok"],
  ["22.17.9", "fail"],
  ["20.20.2", "fail"],
])("Node %s is judged %s", (version, verdict) => {
  expect(judgeNode(version).verdict).toBe(verdict);
});

test("says who is missing and who is of another version", () => {
  expect(verdicts(judgeWorkers([], "0.1.0"))).toBe("ok");
  const found = judgeWorkers([heartbeatOf("qna"), heartbeatOf("viz", { version: "9" })], "0.1.0");
  expect(found.map(({ text }) => text)).toEqual([
    "2 live: box:qna:0, box:viz:0",
    "nobody plays orchestrator, simulation",
    "box:viz:0 is version 9, this is 0.1.0",
  ]);
});
