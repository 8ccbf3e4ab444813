import {
  builtinNames,
  ELEMENT_FUNCTIONS,
  NAMED_NUMBERS,
  PURE_FUNCTIONS,
  TIMED_FUNCTIONS,
} from "./builtins.ts";
import { checkArity } from "./expand-functions.ts";
import type { BinaryOperator, Expression } from "./expression.ts";
import type { GraphicalFunction } from "./graph.ts";
import { valueAt } from "./graph.ts";
import { didYouMean } from "./identifier.ts";
import type { Place } from "./problem.ts";
import { refuse } from "./problem.ts";
import type { Chance } from "./timed-functions.ts";
import { compileTimed } from "./timed-functions.ts";

/** Computes an expression from the values of all slots. Holds slot numbers, never model text. */
export type Evaluate = (slots: Float64Array) => number;

/** What names mean while expressions are compiled. */
export interface Scope {
  readonly slotOf: (name: string) => number | undefined;
  readonly names: () => Iterable<string>;
  readonly graphs: ReadonlyMap<string, GraphicalFunction>;
  /** A new number for each random function that names no seed. */
  readonly nextSeed: () => number;
  readonly chance: Chance;
}

type Call = Extract<Expression, { type: "call" }>;

/** Compiles an expression to closures. */
export function compileExpression(expression: Expression, scope: Scope, place: Place): Evaluate {
  const compile = (part: Expression): Evaluate => compileExpression(part, scope, place);
  switch (expression.type) {
    case "number": {
      const { value } = expression;
      return () => value;
    }
    case "reference":
      return compileReference(expression.name, scope, place);
    case "unary": {
      const operand = compile(expression.operand);
      return expression.operator === "-"
        ? (slots) => -operand(slots)
        : (slots) => (operand(slots) === 0 ? 1 : 0);
    }
    case "binary":
      return compileBinary(
        expression.operator,
        compile(expression.left),
        compile(expression.right),
      );
    case "if": {
      const condition = compile(expression.condition);
      const met = compile(expression.met);
      const otherwise = compile(expression.otherwise);
      return (slots) => (condition(slots) !== 0 ? met(slots) : otherwise(slots));
    }
    case "graph": {
      const { graph } = expression;
      const input = compile(expression.input);
      return (slots) => valueAt(graph, input(slots));
    }
    case "call":
      return compileCall(expression, scope, place);
    case "choose":
      return compileChoice(
        expression.indexes.map(compile),
        expression.sizes,
        expression.options.map(compile),
      );
    case "array":
      return refuse("invalid-model", place, `\`${expression.name}\` is used like an array`);
  }
}

/** The element at computed places; 0 where there is none, as XMILE 1.0, section 3.7.1, has it. */
function compileChoice(
  indexes: readonly Evaluate[],
  sizes: readonly number[],
  options: readonly Evaluate[],
): Evaluate {
  return (slots) => {
    let at = 0;
    for (const [axis, index] of indexes.entries()) {
      const place = Math.floor(index(slots)) - 1;
      const size = sizes[axis] ?? 0;
      if (!(place >= 0 && place < size)) return 0;
      at = at * size + place;
    }
    return options[at]?.(slots) ?? Number.NaN;
  };
}

function compileReference(name: string, scope: Scope, place: Place): Evaluate {
  const slot = scope.slotOf(name);
  if (slot !== undefined) return (slots) => slots[slot] ?? Number.NaN;
  const value = NAMED_NUMBERS.get(name);
  if (value !== undefined) return () => value;
  if (scope.graphs.has(name)) {
    refuse(
      "invalid-model",
      place,
      `\`${name}\` is a graphical function and needs an argument`,
      `Write ${name}(x) or LOOKUP(${name}, x).`,
    );
  }
  if (builtinNames().includes(name)) {
    refuse("invalid-model", place, `The function ${name.toUpperCase()} is used without arguments`);
  }
  const modules = name.includes(".") ? " (names with a dot belong to modules)" : "";
  return refuse(
    "invalid-model",
    place,
    `The variable \`${name.slice(0, 100)}\` is not defined${modules}.${didYouMean(name, scope.names())}`,
    "Define the variable or correct its name.",
  );
}

/** One closure for each operator; comparisons and logic give 1 or 0. */
const BINARY: Readonly<Record<BinaryOperator, (left: Evaluate, right: Evaluate) => Evaluate>> = {
  "+": (left, right) => (slots) => left(slots) + right(slots),
  "-": (left, right) => (slots) => left(slots) - right(slots),
  "*": (left, right) => (slots) => left(slots) * right(slots),
  "/": (left, right) => (slots) => left(slots) / right(slots),
  "^": (left, right) => (slots) => left(slots) ** right(slots),
  mod: (left, right) => (slots) => left(slots) % right(slots),
  "=": (left, right) => (slots) => (left(slots) === right(slots) ? 1 : 0),
  "<>": (left, right) => (slots) => (left(slots) !== right(slots) ? 1 : 0),
  "<": (left, right) => (slots) => (left(slots) < right(slots) ? 1 : 0),
  "<=": (left, right) => (slots) => (left(slots) <= right(slots) ? 1 : 0),
  ">": (left, right) => (slots) => (left(slots) > right(slots) ? 1 : 0),
  ">=": (left, right) => (slots) => (left(slots) >= right(slots) ? 1 : 0),
  and: (left, right) => (slots) => (left(slots) !== 0 && right(slots) !== 0 ? 1 : 0),
  or: (left, right) => (slots) => (left(slots) !== 0 || right(slots) !== 0 ? 1 : 0),
};

function compileBinary(operator: BinaryOperator, left: Evaluate, right: Evaluate): Evaluate {
  return BINARY[operator](left, right);
}

function compileCall(expression: Call, scope: Scope, place: Place): Evaluate {
  const { name } = expression;
  const pure = PURE_FUNCTIONS.get(name) ?? ELEMENT_FUNCTIONS.get(name);
  if (pure !== undefined) {
    checkArity(name, expression.arguments.length, [pure.least, pure.most], place);
    return compilePure(pure.apply, compileAll(expression.arguments, scope, place));
  }
  const timed = TIMED_FUNCTIONS.get(name);
  if (timed !== undefined) {
    checkArity(name, expression.arguments.length, timed, place);
    const inputs = compileAll(expression.arguments, scope, place);
    return compileTimed(name, inputs, { callSite: scope.nextSeed(), chance: scope.chance });
  }
  return compileLookup(expression, scope, place);
}

function compileAll(parts: readonly Expression[], scope: Scope, place: Place): readonly Evaluate[] {
  return parts.map((part) => compileExpression(part, scope, place));
}

/** The arguments' number is fixed here, so that the usual calls build no array. */
function compilePure(
  apply: (...values: readonly number[]) => number,
  inputs: readonly Evaluate[],
): Evaluate {
  const [first, second] = inputs;
  if (inputs.length === 1 && first) return (slots) => apply(first(slots));
  if (inputs.length === 2 && first && second) return (slots) => apply(first(slots), second(slots));
  return (slots) => apply(...inputs.map((input) => input(slots)));
}

/** `LOOKUP(graph, x)`, or the graph's name called as a function. */
function compileLookup(expression: Call, scope: Scope, place: Place): Evaluate {
  const [first, second] = expression.arguments;
  const named = expression.name === "lookup";
  if (named) checkArity("lookup", expression.arguments.length, [2, 2], place);
  const graphName = named ? (first?.type === "reference" ? first.name : "") : expression.name;
  const graph = scope.graphs.get(graphName);
  if (graph === undefined) {
    if (!named) return refuseUnknownFunction(expression.name, scope, place);
    return refuse(
      "invalid-model",
      place,
      `LOOKUP needs the name of a graphical function, and \`${graphName.slice(0, 100)}\` is none.` +
        didYouMean(graphName, scope.graphs.keys()),
    );
  }
  if (!named) checkArity(graphName, expression.arguments.length, [1, 1], place);
  const input = named ? second : first;
  const evaluate = compileExpression(input ?? { type: "number", value: 0 }, scope, place);
  return (slots) => valueAt(graph, evaluate(slots));
}

function refuseUnknownFunction(name: string, scope: Scope, place: Place): never {
  if (scope.slotOf(name) !== undefined) {
    refuse("invalid-model", place, `\`${name}\` is a variable and cannot be called`);
  }
  return refuse(
    "invalid-model",
    place,
    `The function or macro \`${name.slice(0, 100)}\` is not defined.` +
      didYouMean(name, [...builtinNames(), ...scope.graphs.keys()]),
    "Use a built-in function of XMILE, or define a graphical function of that name.",
  );
}
