import type { GraphicalFunction } from "./graph.ts";

/** The operators between two operands; comparisons and logic give 1 or 0. */
export type BinaryOperator =
  | "+"
  | "-"
  | "*"
  | "/"
  | "^"
  | "mod"
  | "="
  | "<>"
  | "<"
  | "<="
  | ">"
  | ">="
  | "and"
  | "or";

/** What stands between the brackets after an array's name, one for each dimension. */
export type Subscript =
  | { readonly type: "all" }
  | { readonly type: "range"; readonly from: Expression; readonly to: Expression }
  /** `@2`: the place of the element being computed in the second dimension. */
  | { readonly type: "position"; readonly position: number }
  | { readonly type: "index"; readonly index: Expression };

/**
 * An equation's right side. Names are canonical. An `array` stands in parsed equations only: once
 * a model is flattened, every reference names one value, and a `choose` picks among several.
 */
export type Expression =
  | { readonly type: "number"; readonly value: number }
  | { readonly type: "reference"; readonly name: string }
  | { readonly type: "call"; readonly name: string; readonly arguments: readonly Expression[] }
  | { readonly type: "unary"; readonly operator: "-" | "not"; readonly operand: Expression }
  | {
      readonly type: "binary";
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly type: "if";
      readonly condition: Expression;
      readonly met: Expression;
      readonly otherwise: Expression;
    }
  | { readonly type: "graph"; readonly graph: GraphicalFunction; readonly input: Expression }
  | {
      readonly type: "array";
      readonly name: string;
      /** Absent where the name stands alone. */
      readonly subscripts?: readonly Subscript[];
      readonly transposed: boolean;
      /** The arguments, where an element of an array of graphical functions is called. */
      readonly called?: readonly Expression[];
    }
  | {
      readonly type: "choose";
      /** From 1, one for each of `sizes`; outside of them the value is 0. */
      readonly indexes: readonly Expression[];
      readonly sizes: readonly number[];
      readonly options: readonly Expression[];
    };

/** A literal. */
export function number(value: number): Expression {
  return { type: "number", value };
}

/** A use of another variable's value. */
export function reference(name: string): Expression {
  return { type: "reference", name };
}

/** A call of a built-in function. */
export function call(name: string, ...parts: readonly Expression[]): Expression {
  return { type: "call", name, arguments: parts };
}

/** Two operands and the operator between them. */
export function binary(operator: BinaryOperator, left: Expression, right: Expression): Expression {
  return { type: "binary", operator, left, right };
}

/** The expressions an expression is directly made of. */
export function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.type) {
    case "number":
    case "reference":
      return [];
    case "call":
      return expression.arguments;
    case "unary":
      return [expression.operand];
    case "binary":
      return [expression.left, expression.right];
    case "if":
      return [expression.condition, expression.met, expression.otherwise];
    case "graph":
      return [expression.input];
    case "array":
      return [];
    case "choose":
      return [...expression.indexes, ...expression.options];
  }
}

/** An expression with each direct part replaced by what `change` makes of it. */
export function mapParts(
  expression: Expression,
  change: (part: Expression) => Expression,
): Expression {
  switch (expression.type) {
    case "number":
    case "reference":
    case "array":
      return expression;
    case "choose":
      return {
        ...expression,
        indexes: expression.indexes.map(change),
        options: expression.options.map(change),
      };
    case "call":
      return { ...expression, arguments: expression.arguments.map(change) };
    case "unary":
      return { ...expression, operand: change(expression.operand) };
    case "binary":
      return { ...expression, left: change(expression.left), right: change(expression.right) };
    case "if":
      return {
        type: "if",
        condition: change(expression.condition),
        met: change(expression.met),
        otherwise: change(expression.otherwise),
      };
    case "graph":
      return { ...expression, input: change(expression.input) };
  }
}

/**
 * Every name whose value an expression needs; built-in names such as `time` included. The first
 * argument of LOOKUP names a function, not a value.
 */
export function namesIn(expression: Expression): ReadonlySet<string> {
  const names = new Set<string>();
  const open = [expression];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next.type === "reference") names.add(next.name);
    const lookup = next.type === "call" && next.name === "lookup";
    open.push(...partsOf(next).slice(lookup ? 1 : 0));
  }
  return names;
}
