import { expect, test } from "vitest";
import type { Flow, Parameter } from "../../src/orchestrator/flow.ts";
import { checkParameters, readParameterText } from "../../src/orchestrator/parameters.ts";
import type { ParameterValues } from "../../src/protocol/parameter-values.ts";

function flowWith(parameters: Record<string, Parameter>): Flow {
  return { name: "x", description: "", parameters, steps: [] };
}

test.each<[parameter: Parameter, value: ParameterValues[string], problem: string | undefined]>([
  [{ type: "string" }, "text", undefined],
  [{ type: "string" }, " ", "must not be empty"],
  [{ type: "string" }, 3, "must be text"],
  [{ type: "string", "max-length": 3 }, "four", "is longer than 3 characters"],
  [{ type: "model" }, "x".repeat(201), "is longer than 200 characters"],
  [{ type: "choice", choices: ["a", "b"] }, "b", undefined],
  [{ type: "choice", choices: ["a", "b"] }, "c", 'must be one of a, b, not "c"'],
  [{ type: "boolean" }, false, undefined],
  [{ type: "boolean" }, "false", "must be true or false"],
  [{ type: "number", min: 0, max: 1 }, 0.5, undefined],
  [{ type: "number", min: 0 }, -1, "must be at least 0"],
  [{ type: "number", max: 1 }, 2, "must be at most 1"],
  [{ type: "number" }, "1", "must be a number"],
  [{ type: "number" }, Number.NaN, "must be a number"],
  [{ type: "integer" }, 3, undefined],
  [{ type: "integer" }, 1.5, "must be a whole number"],
  [{ type: "numbers" }, { a: 1 }, undefined],
  [{ type: "numbers" }, 1, "must be numbers by name"],
  [{ type: "list" }, ["a", 1], undefined],
  [{ type: "list" }, "a", "must be a list"],
])("checks %j against %j", (parameter, value, problem) => {
  const checked = checkParameters(flowWith({ p: parameter }), { p: value });
  expect(checked).toEqual(
    problem === undefined
      ? { ok: true, value: { p: value } }
      : { ok: false, error: [`parameter "p" ${problem}`] },
  );
});

test("fills in defaults and asks for what has none", () => {
  const flow = flowWith({ a: { type: "number", default: 3 }, b: { type: "string" } });
  expect(checkParameters(flow, { b: "x" })).toEqual({ ok: true, value: { a: 3, b: "x" } });
  expect(checkParameters(flow, {})).toEqual({
    ok: false,
    error: ['parameter "b" has no default: give it with --set b=…'],
  });
});

test("names an unknown parameter and the known ones", () => {
  expect(checkParameters(flowWith({ a: { type: "boolean", default: true } }), { z: 1 })).toEqual({
    ok: false,
    error: ['unknown parameter "z"; x has a'],
  });
  expect(checkParameters(flowWith({}), { z: 1 })).toEqual({
    ok: false,
    error: ['unknown parameter "z"; x has no parameters'],
  });
});

test("takes no value from an object's inheritance", () => {
  const flow = flowWith(Object.fromEntries([["constructor", { type: "string", default: "own" }]]));
  expect(checkParameters(flow, {})).toEqual({ ok: true, value: { constructor: "own" } });
});

test.each<[parameter: Parameter, text: string, value: unknown]>([
  [{ type: "string" }, "8", "8"],
  [{ type: "choice", choices: ["a"] }, "a", "a"],
  [{ type: "model" }, "sir", "sir"],
  [{ type: "number" }, "-1.5e3", -1500],
  [{ type: "integer" }, "8", 8],
  [{ type: "boolean" }, "true", true],
  [{ type: "boolean" }, "yes", true],
  [{ type: "boolean" }, "false", false],
  [{ type: "boolean" }, "no", false],
  [{ type: "numbers" }, "a=1.5, b = 2,", { a: 1.5, b: 2 }],
  [{ type: "numbers" }, "", {}],
  [{ type: "list" }, "a b, 2.5,, 1e3,x1", ["a b", 2.5, 1000, "x1"]],
  [{ type: "list" }, "", []],
])("reads %j from %j", (parameter, text, value) => {
  expect(readParameterText(parameter, text)).toEqual({ ok: true, value });
});

test.each<[parameter: Parameter, text: string, problem: string]>([
  [{ type: "number" }, "", "must be a number"],
  [{ type: "number" }, "many", "must be a number"],
  [{ type: "integer" }, "Infinity", "must be a number"],
  [{ type: "boolean" }, "maybe", "must be true or false"],
  [{ type: "numbers" }, "a", "must look like name=1.5"],
  [{ type: "numbers" }, "a=b", "must look like name=1.5"],
  [{ type: "numbers" }, "=1", "must look like name=1.5"],
  [{ type: "numbers" }, "a=1=2", "must look like name=1.5"],
  [{ type: "numbers" }, "3", "must look like name=1.5"],
  [{ type: "numbers" }, "__proto__=1", "must look like name=1.5"],
])("refuses to read %j from %j", (parameter, text, problem) => {
  expect(readParameterText(parameter, text)).toEqual({
    ok: false,
    error: expect.stringContaining(problem),
  });
});
