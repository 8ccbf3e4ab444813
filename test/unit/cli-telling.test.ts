import { describe, expect, test } from "vitest";
import type { ErrorCode } from "../../src/base/operator-error.ts";
import { OperatorError } from "../../src/base/operator-error.ts";
import { exitCodeOf } from "../../src/cli/exit-codes.ts";
import type { Output } from "../../src/cli/output.ts";
import { reportError } from "../../src/cli/report-error.ts";
import { answerOf, chartsOf, runJson } from "../../src/cli/run-json.ts";
import { finished, QNA_OUTPUT, runView, START } from "../support/run-history.ts";

function memoryOutput(): Output & { readonly lines: readonly string[] } {
  const lines: string[] = [];
  return {
    lines,
    interactive: false,
    out: (line) => void lines.push(`out ${line}`),
    err: (line) => void lines.push(`err ${line}`),
  };
}

const problem = (code: ErrorCode): OperatorError =>
  new OperatorError({ code, message: "it broke", nextStep: "mend it" });

describe("an error", () => {
  test.each<[ErrorCode, number]>([
    ["run-failed", 1],
    ["usage", 2],
    ["bus-unreachable", 3],
    ["timeout", 4],
    ["waiting", 5],
    ["conflict", 6],
    ["worker-lost", 7],
    ["cancelled", 8],
    ["bug", 70],
  ])("%s ends the program with %i", (code, exitCode) => {
    expect(reportError(problem(code), "text", memoryOutput(), undefined)).toBe(exitCode);
  });

  test("is one line on stderr that says what to do", () => {
    const output = memoryOutput();

    reportError(problem("usage"), "text", output, undefined);

    expect(output.lines).toEqual(["err aimie-console: it broke — mend it"]);
  });

  test.each(["json", "jsonl"] as const)("is an object for those who read %s", (form) => {
    const output = memoryOutput();

    reportError(problem("conflict"), form, output, undefined);

    const object = { code: "conflict", message: "it broke", nextStep: "mend it" };
    expect(output.lines).toEqual([`err ${JSON.stringify(object)}`]);
  });

  test.each([new TypeError("x is not a function"), "x is not a function"])(
    "that nobody expected is a bug, and the log is named: %#",
    (thrown) => {
      const output = memoryOutput();

      expect(reportError(thrown, "text", output, "/state/log")).toBe(70);

      expect(output.lines).toEqual([
        "err aimie-console: something unexpected happened: x is not a function — " +
          "please report it; details are in /state/log",
      ]);
    },
  );

  test("cannot move the cursor", () => {
    const output = memoryOutput();

    reportError(new Error("\u001B[2J\u202Ex"), "text", output, undefined);

    expect(output.lines[0]).toContain("\u241B[2J<U+202E>x");
  });
});

test.each([
  ["succeeded", 0],
  ["failed", 1],
  ["cancelled", 8],
  ["waiting", 5],
  ["paused", 5],
] as const)("a run that is %s ends the program with %i", (status, code) => {
  expect(exitCodeOf(status)).toBe(code);
});

describe("a run for scripts", () => {
  const pathOf = ({ name }: { readonly name: string }): string => `/artifacts/${name}`;

  test("says how it went, what came of it and where its files are", () => {
    const json = runJson(finished(), pathOf);

    expect(json).toMatchObject({
      version: 1,
      run: {
        id: "run-1",
        session: "s1",
        flow: "simulation-qna-viz",
        status: "succeeded",
        basedOn: null,
        requestedAt: new Date(START).toISOString(),
        durationMs: 3100,
        failure: null,
      },
      answer: QNA_OUTPUT.answer,
      value: 6021.4,
      unit: "people",
      charts: [{ title: "SIR epidemic", svg: "/artifacts/chart.svg", png: "/artifacts/chart.png" }],
      steps: [
        {
          step: "simulation",
          status: "succeeded",
          attempt: 1,
          worker: "box:simulation:1",
          failure: null,
          output: { data: { path: "/artifacts/table.parquet", rows: 401 } },
          attempts: [{ attempt: 1, task: "run-1.simulation.1", status: "succeeded" }],
        },
        { step: "qna", status: "succeeded" },
        { step: "viz", status: "succeeded" },
      ],
    });
  });

  test("has the same fields however far it has come", () => {
    const fields = (value: object): readonly string[] => Object.keys(value).sort();
    const early = runJson(runView({ id: "r" }), pathOf);

    expect(fields(early)).toEqual(fields(runJson(finished(), pathOf)));
    expect(early).toMatchObject({
      run: { status: "running", finishedAt: null, durationMs: null },
      answer: null,
      value: null,
      unit: null,
      charts: [],
      steps: [
        { status: "dispatched", attempt: 1, output: null, attempts: [{ status: "under-way" }] },
        { status: "waiting", attempt: 0, attempts: [] },
        { status: "waiting" },
      ],
    });
    expect(JSON.parse(JSON.stringify(early))).toEqual(early);
  });

  test("tells why a step has failed", () => {
    const failed = runView({
      id: "r",
      told: [{ step: "simulation", at: 1300, failed: "no such model" }],
    });

    expect(runJson(failed, pathOf)).toMatchObject({
      steps: [{ failure: { kind: "tool", message: "no such model" } }, {}, {}],
    });
    expect([answerOf(failed), chartsOf(failed, pathOf)]).toEqual([null, []]);
  });
});
