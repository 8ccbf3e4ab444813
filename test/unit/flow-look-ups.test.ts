/** Look-ups of a flow that lead nowhere: where they stand, and what to write instead. */
import { describe, expect, test } from "vitest";
import type { FlowProblem } from "../../src/orchestrator/flow.ts";
import { parseFlow } from "../../src/orchestrator/flow-file.ts";
import { FORK_FLOW } from "../support/runs.ts";

function problemsOf(text: string): readonly FlowProblem[] {
  const parsed = parseFlow(text);
  return parsed.ok ? [] : parsed.error;
}

/** The number of the line that holds `part`. */
function lineOf(text: string, part: string): number {
  return text.split("\n").findIndex((line) => line.includes(part)) + 1;
}

/** The flow with more under its step qna. */
const withQna = (more: string): string => FORK_FLOW.replace("  qna:\n", `  qna:\n    ${more}\n`);

describe("a look-up that leads nowhere", () => {
  test("of a parameter is told with those there are", () => {
    const text = FORK_FLOW.replace("params.question", "params.qestion");
    expect(problemsOf(text)).toEqual([
      {
        line: lineOf(text, "params.qestion"),
        message: 'step "qna" looks up the unknown parameter "qestion"',
        remedy: "declare it under params, or use one of question, model",
      },
    ]);
  });

  test("of a parameter in a flow without any says that it is to be declared", () => {
    const text = FORK_FLOW.replace(/params:\n.*\n.*\n/, "").replace(
      `"\${{ params.model }}"`,
      "sir",
    );
    expect(problemsOf(text)).toMatchObject([{ remedy: "declare it under params" }]);
  });

  test("of anything but an output is quoted as it was meant", () => {
    const text = FORK_FLOW.replace("steps.simulation.output }}", "steps.simulation.result }}");
    expect(problemsOf(text)).toMatchObject([
      {
        message: 'step "qna" looks up "steps.simulation.result"; a step offers only its output',
        remedy: "write steps.simulation.output",
      },
    ]);
  });

  test("is found in the list of a fan-out, and in a condition", () => {
    const list = withQna(`foreach: "\${{ params.many }}"`);
    expect(problemsOf(list)).toMatchObject([
      { line: lineOf(list, "foreach"), message: expect.stringContaining('parameter "many"') },
    ]);
    const when = withQna(`when: { value: "\${{ params.many }}", equals: 1 }`);
    expect(problemsOf(when)).toMatchObject([
      { line: lineOf(when, "when"), message: expect.stringContaining('parameter "many"') },
    ]);
  });

  test("is an item outside of a fan-out's input", () => {
    const only = expect.stringContaining('looks up "item", which only the input of a fan-out has');
    const list = withQna(`foreach: "\${{ item }}"`);
    expect(problemsOf(list)).toMatchObject([{ message: only }]);
    const when = withQna(`foreach: [1]\n    when: { value: "\${{ item }}", equals: 1 }`);
    expect(problemsOf(when)).toMatchObject([{ message: only }]);
  });
});

test("what a person said to any step of the flow can be looked up", () => {
  const text = FORK_FLOW.replace(`"\${{ params.question }}"`, `"\${{ feedback.viz }}"`);
  expect(problemsOf(text)).toEqual([]);
});

test("a need that is no step is told with all that are", () => {
  const text = FORK_FLOW.replace("needs: simulation", "needs: simulatoin");
  expect(problemsOf(text)).toEqual([
    {
      line: lineOf(text, "simulatoin"),
      message: 'step "qna" needs "simulatoin", which is not a step of this flow',
      remedy: "use one of simulation, viz",
    },
  ]);
});
