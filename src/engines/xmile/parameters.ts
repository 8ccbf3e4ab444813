import { NAMED_NUMBERS, PURE_FUNCTIONS } from "./builtins.ts";
import { CLOCK } from "./clock-slots.ts";
import { compileExpression } from "./compile-expression.ts";
import { placeOf } from "./expand-model.ts";
import type { Expression } from "./expression.ts";
import { canonicalElement, didYouMean } from "./identifier.ts";
import type { Formula, Model, Variable } from "./model.ts";
import { refuse } from "./problem.ts";
import { FIXED_CHANCE } from "./timed-functions.ts";

/** A constant of a model: what an operator may change. */
export interface Parameter {
  readonly name: string;
  readonly label: string;
  readonly value: number;
  readonly unit?: string;
  readonly doc?: string;
}

/** The constants of a model in the order of its file: variables that depend on nothing. */
export function listParameters(model: Model): readonly Parameter[] {
  return model.variables.filter(isConstant).map((variable) => ({
    name: variable.name,
    label: variable.label,
    value: constantValue(variable),
    ...(variable.unit === undefined ? {} : { unit: variable.unit }),
    ...(variable.doc === undefined ? {} : { doc: variable.doc }),
  }));
}

function isConstant(variable: Variable): variable is Formula {
  return variable.kind !== "stock" && !variable.nonNegative && isPure(variable.formula);
}

function isPure(expression: Expression): boolean {
  switch (expression.type) {
    case "number":
      return true;
    case "reference":
      return NAMED_NUMBERS.has(expression.name);
    case "unary":
      return isPure(expression.operand);
    case "binary":
      return isPure(expression.left) && isPure(expression.right);
    case "call":
      return PURE_FUNCTIONS.has(expression.name) && expression.arguments.every(isPure);
    case "if":
    case "graph":
    case "array":
    case "choose":
      return false;
  }
}

function constantValue(variable: Formula): number {
  const scope = {
    slotOf: () => undefined,
    names: () => [],
    graphs: new Map(),
    nextSeed: () => 0,
    chance: FIXED_CHANCE,
  };
  return compileExpression(
    variable.formula,
    scope,
    placeOf(variable),
  )(new Float64Array(CLOCK.first));
}

/** Checks new values for constants and gives them by canonical name. */
export function readOverrides(
  model: Model,
  parameters: Readonly<Record<string, number>>,
): ReadonlyMap<string, number> {
  const byName = new Map(model.variables.map((variable) => [variable.name, variable]));
  const overrides = new Map<string, number>();
  for (const [written, value] of Object.entries(parameters)) {
    for (const name of namesMeant(canonicalElement(written), byName)) {
      checkOverride(name, value, byName);
      overrides.set(name, value);
    }
  }
  return overrides;
}

/** The name itself, or all elements of the array that has it. */
function namesMeant(name: string, byName: ReadonlyMap<string, Variable>): readonly string[] {
  if (byName.has(name)) return [name];
  const elements = [...byName.keys()].filter((each) => each.startsWith(`${name}[`));
  return elements.length === 0 ? [name] : elements;
}

function checkOverride(name: string, value: number, byName: ReadonlyMap<string, Variable>): void {
  const shown = name.slice(0, 100);
  const constants = [...byName.values()].filter(isConstant).map((constant) => constant.name);
  const variable = byName.get(name);
  if (variable === undefined) {
    refuse(
      "invalid-parameter",
      {},
      `The model has no parameter \`${shown}\`.${didYouMean(name, constants)}`,
      constants.length === 0
        ? "The model has no parameters."
        : `Its parameters are ${list(constants)}.`,
    );
  }
  if (!isConstant(variable)) {
    refuse(
      "invalid-parameter",
      placeOf(variable),
      `\`${shown}\` is computed by the model and cannot be set`,
      `Set a constant instead: ${list(constants)}.`,
    );
  }
  if (!Number.isFinite(value)) {
    refuse("invalid-parameter", placeOf(variable), `The value of \`${shown}\` is not finite`);
  }
}

const MAX_LISTED = 12;

function list(names: readonly string[]): string {
  const shown = names.slice(0, MAX_LISTED).join(", ");
  return names.length > MAX_LISTED ? `${shown} and ${names.length - MAX_LISTED} more` : shown;
}
