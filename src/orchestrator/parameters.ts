/** Checks the values of a flow's parameters against what the flow says about them. */
import type { Result } from "../base/result.ts";
import { err, ok } from "../base/result.ts";
import type { ParameterValues } from "../protocol/parameter-values.ts";
import type { Flow, Parameter } from "./flow.ts";

type Value = ParameterValues[string];

/** Fills in defaults and checks every value; the errors name the parameter and the remedy. */
export function checkParameters(
  flow: Flow,
  given: ParameterValues,
): Result<ParameterValues, readonly string[]> {
  const problems: string[] = [];
  const values: Record<string, Value> = {};
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(flow.parameters, name)) {
      problems.push(`unknown parameter "${name}"; ${flow.name} has ${listOf(flow)}`);
    }
  }
  for (const [name, parameter] of Object.entries(flow.parameters)) {
    const value = Object.hasOwn(given, name) ? given[name] : parameter.default;
    if (value === undefined) {
      problems.push(`parameter "${name}" has no default: give it with --set ${name}=…`);
      continue;
    }
    const problem = problemOf(parameter, value);
    if (problem === undefined) values[name] = value;
    else problems.push(`parameter "${name}" ${problem}`);
  }
  return problems.length === 0 ? ok(values) : err(problems);
}

/** Reads a parameter's value from a command line or a form: `"8"` becomes 8 for a number. */
export function readParameterText(parameter: Parameter, text: string): Result<Value, string> {
  switch (parameter.type) {
    case "string":
    case "choice":
    case "model":
      return ok(text);
    case "number":
    case "integer":
      return readNumber(text);
    case "boolean":
      if (text === "true" || text === "yes") return ok(true);
      if (text === "false" || text === "no") return ok(false);
      return err(`must be true or false, not "${text}"`);
    case "numbers":
      return readNumbers(text);
    case "list":
      return ok(
        text
          .split(",")
          .map(readItem)
          .filter((item) => item !== ""),
      );
  }
}

/** An item of a list: a number where it looks like one. */
function readItem(text: string): string | number {
  const item = text.trim();
  return item !== "" && Number.isFinite(Number(item)) ? Number(item) : item;
}

function readNumber(text: string): Result<number, string> {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) return err(`must be a number, not "${text}"`);
  return ok(value);
}

/** Reads `name=1.5, other=2`. */
function readNumbers(text: string): Result<Record<string, number>, string> {
  const values: (readonly [name: string, value: number])[] = [];
  for (const part of text.split(",").filter((piece) => piece.trim() !== "")) {
    const equals = part.indexOf("=");
    const name = part.slice(0, Math.max(equals, 0)).trim();
    const value = readNumber(part.slice(equals + 1));
    if (name === "" || name === "__proto__" || !value.ok) {
      return err(`must look like name=1.5, not "${part.trim()}"`);
    }
    values.push([name, value.value]);
  }
  return ok(Object.fromEntries(values));
}

function listOf(flow: Flow): string {
  const names = Object.keys(flow.parameters);
  return names.length === 0 ? "no parameters" : names.join(", ");
}

function problemOf(parameter: Parameter, value: Value): string | undefined {
  switch (parameter.type) {
    case "string":
      return problemOfText(value, parameter["max-length"] ?? 4000);
    case "model":
      return problemOfText(value, 200);
    case "choice":
      return parameter.choices.some((choice) => choice === value)
        ? undefined
        : `must be one of ${parameter.choices.join(", ")}, not "${String(value)}"`;
    case "boolean":
      return typeof value === "boolean" ? undefined : "must be true or false";
    case "number":
    case "integer":
      return problemOfNumber(parameter, value);
    case "numbers":
      return typeof value === "object" && !Array.isArray(value)
        ? undefined
        : "must be numbers by name";
    case "list":
      return Array.isArray(value) ? undefined : "must be a list";
  }
}

function problemOfText(value: Value, maximumLength: number): string | undefined {
  if (typeof value !== "string") return "must be text";
  if (value.trim() === "") return "must not be empty";
  return value.length > maximumLength ? `is longer than ${maximumLength} characters` : undefined;
}

function problemOfNumber(
  limits: {
    readonly type: string;
    readonly min?: number | undefined;
    readonly max?: number | undefined;
  },
  value: Value,
): string | undefined {
  if (typeof value !== "number" || !Number.isFinite(value)) return "must be a number";
  if (limits.type === "integer" && !Number.isInteger(value)) return "must be a whole number";
  if (limits.min !== undefined && value < limits.min) return `must be at least ${limits.min}`;
  if (limits.max !== undefined && value > limits.max) return `must be at most ${limits.max}`;
  return undefined;
}
