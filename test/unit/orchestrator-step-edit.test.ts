import { describe, expect, test } from "vitest";
import { readEdit, stepEdit, textToEdit, withProblem } from "../../src/orchestrator/step-edit.ts";
import { customAgentNameSchema, stepKeySchema } from "../../src/protocol/ids.ts";
import { finished, runView, SIMULATION_OUTPUT } from "../support/run-history.ts";

const { state } = finished();
const key = (text: string): ReturnType<typeof stepKeySchema.parse> => stepKeySchema.parse(text);

function editOf(step: string, part: "input" | "output") {
  const edit = stepEdit(state, key(step), part);
  if (!edit.ok) throw new Error(edit.error);
  return edit.value;
}

const FLOW = `name: x
description: y
steps:
  all:
    agent: simulation
    foreach: [sir]
    input: { model: "\${{ item }}" }
  later: { agent: simulation, needs: all, input: { model: sir } }
`;

describe("the text of a step to edit", () => {
  test("is its input as YAML, under comments that say what it may hold", () => {
    const text = textToEdit(editOf("simulation", "input"));

    expect(text).toContain("# The input of step simulation (agent simulation) of run run-1.");
    expect(text).toContain("#   stopTime  (number, optional): when the simulation ends");
    expect(text).toContain("#   method  (euler · rk4, optional)");
    expect(text).toMatch(/^model: sir$/m);
  });

  test("says nothing of what an agent of the user's own may take; its worker checks that", () => {
    const agent = customAgentNameSchema.parse("words");
    const edit = { ...editOf("simulation", "input"), agent };

    expect(textToEdit(edit)).toMatch(/^model: sir$/m);
    expect(readEdit(edit, "anything: 1")).toMatchObject({ kind: "wish" });
    expect(readEdit({ ...edit, part: "output" }, "3")).toMatchObject({ kind: "problem" });
  });

  test("is its output to be pinned, or nothing when there never was one", () => {
    expect(textToEdit(editOf("simulation", "output"))).toContain("timeUnit: days");
    const begun = runView({ id: "run-1", progress: { simulation: {} } });
    const edit = stepEdit(begun.state, key("qna"), "output");

    expect(edit).toMatchObject({ ok: true, value: { value: null } });
    if (edit.ok) expect(textToEdit(edit.value).split("\n").at(-1)).toBe("");
  });

  test("of a fan-out is the list of outputs; its input is no single text", () => {
    const run = runView({ id: "run-1", flow: "x", text: FLOW }).state;
    const edit = stepEdit(run, key("all"), "output");

    if (edit.ok) expect(textToEdit(edit.value)).toContain("# A list; of each item:");
    expect(edit).toMatchObject({ ok: true, value: { isList: true } });
    expect(stepEdit(run, key("all"), "input")).toMatchObject({
      error: "all is done once per item: change its list by a parameter",
    });
    expect(stepEdit(run, key("all[0]"), "output")).toMatchObject({
      error: "all[0] is one of several: pin the list of all",
    });
  });

  test("is refused for a step that has not begun, and for one that is not there", () => {
    const begun = runView({ id: "run-1", progress: { simulation: {} } }).state;

    expect(stepEdit(begun, key("qna"), "input")).toMatchObject({
      error: "qna has not begun yet: its input is not known",
    });
    expect(stepEdit(begun, key("nobody"), "input")).toMatchObject({
      error: 'this run has no step "nobody"',
    });
  });
});

describe("what was written", () => {
  test.each(["", "# only a comment\n"])("%j is no edit", (text) => {
    expect(readEdit(editOf("simulation", "input"), text)).toEqual({ kind: "unchanged" });
  });

  test("is no edit as it was given, whatever the comments", () => {
    for (const part of ["input", "output"] as const) {
      const edit = editOf("simulation", part);
      expect(readEdit(edit, `# mine\n${textToEdit(edit)}`)).toEqual({ kind: "unchanged" });
    }
  });

  test("is a wish for a fork when it fits", () => {
    expect(readEdit(editOf("simulation", "input"), "model: sir\nstopTime: 5")).toEqual({
      kind: "wish",
      wish: {
        kind: "edit-input",
        stepKey: "simulation",
        input: { model: "sir", stopTime: 5 },
      },
    });
    const output = { ...SIMULATION_OUTPUT, stopTime: 5 };
    const answer = readEdit(editOf("simulation", "output"), JSON.stringify(output));
    expect(answer).toEqual({
      kind: "wish",
      wish: { kind: "pin-output", stepKey: "simulation", output },
    });
  });

  test.each([
    ["input", "model: 5", "model: "],
    ["output", "model: 5", "model: "],
    ["input", "a: [", "this is not YAML: "],
  ] as const)("%s %j is a problem that is named", (part, text, problem) => {
    const answer = readEdit(editOf("simulation", part), text);

    expect(answer).toMatchObject({ kind: "problem" });
    if (answer.kind === "problem") expect(answer.message).toContain(problem);
  });
});

test("a problem stands above the text, and replaces the one before", () => {
  const once = withProblem("model: 5\n", "model: not a text\nsecond line");

  expect(once).toBe("#! model: not a text\n#! second line\nmodel: 5\n");
  expect(withProblem(once, "another")).toBe("#! another\nmodel: 5\n");
});
