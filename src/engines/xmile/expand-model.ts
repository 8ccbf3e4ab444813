import { FunctionExpander } from "./expand-functions.ts";
import type { Expression } from "./expression.ts";
import { binary, call, number, reference } from "./expression.ts";
import { didYouMean } from "./identifier.ts";
import type { Model, Stock, Variable } from "./model.ts";
import type { Place } from "./problem.ts";
import { refuse } from "./problem.ts";
import type { Quantity } from "./quantity.ts";
import { CLOCK_TIME_STEP } from "./quantity.ts";

/**
 * What an outflow of a non-negative stock is held to: what the stock holds plus its inflows and
 * minus its outflows of higher priority (`full`); without the inflows, where counting them would
 * close a loop (`content`); or nothing, so that only the stock itself stops at zero (`none`), as
 * also where a flow drains several stocks.
 */
export type OutflowLimit = "full" | "content" | "none";

/** The quantities of a model, with `overrides` in place of its constants. */
export function expandModel(
  model: Model,
  overrides: ReadonlyMap<string, number>,
  limit: OutflowLimit,
): readonly Quantity[] {
  const all = everyVariable(model);
  const byName = new Map(all.map((variable) => [variable.name, variable]));
  const literalOf = (name: string): number | undefined => {
    const variable = byName.get(name);
    if (overrides.has(name)) return overrides.get(name);
    if (variable === undefined || variable.kind === "stock") return undefined;
    return variable.formula.type === "number" ? variable.formula.value : undefined;
  };
  const expander = new FunctionExpander(literalOf);
  const limits = outflowLimits(model, limit);
  const quantities = all.map((variable) => {
    checkFlows(variable, byName);
    return quantityOf(variable, { expander, overrides, limits });
  });
  return [...quantities, ...expander.hidden, ...contentsOf(model, limit)];
}

function everyVariable({ variables, hidden }: Model): readonly Variable[] {
  return hidden.length === 0 ? variables : [...variables, ...hidden];
}

/**
 * What a non-negative stock holds when a step begins. Limits refer to it and not to the stock, for
 * the stages of RK4 have already drained the stock and would count an outflow twice.
 */
function contentsOf(model: Model, limit: OutflowLimit): readonly Quantity[] {
  if (limit === "none") return [];
  return everyVariable(model).flatMap((variable) =>
    variable.kind === "stock" && variable.nonNegative
      ? [{ type: "held", ...contentOf(variable) } as const]
      : [],
  );
}

function contentOf(stock: Stock): { name: string; place: Place; formula: Expression } {
  return {
    name: `content of ${stock.name}`,
    place: placeOf(stock),
    formula: reference(stock.name),
  };
}

/** Where a variable's messages point. */
export function placeOf(variable: Variable): Place {
  return { variable: variable.label, line: variable.line };
}

interface Expansion {
  readonly expander: FunctionExpander;
  readonly overrides: ReadonlyMap<string, number>;
  readonly limits: ReadonlyMap<string, readonly Expression[]>;
}

function quantityOf(variable: Variable, expansion: Expansion): Quantity {
  const { expander, overrides, limits } = expansion;
  const { name } = variable;
  const place = placeOf(variable);
  if (variable.kind === "stock") {
    const initial = expander.expand(variable.initial, place);
    const { nonNegative } = variable;
    return { type: "stock", name, place, initial, change: netFlow(variable), nonNegative };
  }
  const override = overrides.get(name);
  let formula =
    override === undefined ? expander.expand(variable.formula, place) : number(override);
  if (variable.nonNegative) formula = call("max", number(0), formula);
  for (const bound of limits.get(name) ?? []) formula = call("min", formula, bound);
  return { type: "formula", name, place, formula };
}

function netFlow(stock: Stock): Expression {
  const filled = sumOf(stock.inflows);
  return stock.outflows.reduce<Expression>(
    (change, outflow) => binary("-", change, reference(outflow)),
    filled ?? number(0),
  );
}

function sumOf(names: readonly string[]): Expression | undefined {
  const [first, ...rest] = names.map(reference);
  return rest.reduce<Expression | undefined>(
    (sum, next) => (sum === undefined ? next : binary("+", sum, next)),
    first,
  );
}

function checkFlows(variable: Variable, byName: ReadonlyMap<string, Variable>): void {
  if (variable.kind !== "stock") return;
  for (const flow of [...variable.inflows, ...variable.outflows]) {
    const found = byName.get(flow);
    if (found === undefined) {
      const flows = [...byName.values()].filter(({ kind }) => kind === "flow");
      refuse(
        "invalid-model",
        placeOf(variable),
        `The stock names the flow \`${flow}\`, which is not defined.` +
          didYouMean(
            flow,
            flows.map(({ name }) => name),
          ),
      );
    }
    if (found.kind === "stock") {
      refuse("invalid-model", placeOf(variable), `The stock names the stock \`${flow}\` as a flow`);
    }
  }
}

/** For each outflow of a non-negative stock, what it may at most be. */
function outflowLimits(
  model: Model,
  limit: OutflowLimit,
): ReadonlyMap<string, readonly Expression[]> {
  const limits = new Map<string, readonly Expression[]>();
  if (limit === "none") return limits;
  const shared = sharedOutflows(model);
  for (const stock of everyVariable(model).filter(isBounded)) {
    const held = reference(contentOf(stock).name);
    const content = binary("/", held, reference(CLOCK_TIME_STEP));
    const filled = limit === "full" ? sumOf(stock.inflows) : undefined;
    let available = filled === undefined ? content : binary("+", content, filled);
    for (const outflow of stock.outflows.filter((name) => !shared.has(name))) {
      const bound = call("max", number(0), available);
      limits.set(outflow, [...(limits.get(outflow) ?? []), bound]);
      available = binary("-", available, reference(outflow));
    }
  }
  return limits;
}

/** Flows out of several stocks: holding one back for one stock would fill the others. */
function sharedOutflows(model: Model): ReadonlySet<string> {
  const seen = new Set<string>();
  const shared = new Set<string>();
  for (const variable of everyVariable(model)) {
    if (variable.kind !== "stock") continue;
    for (const outflow of variable.outflows) (seen.has(outflow) ? shared : seen).add(outflow);
  }
  return shared;
}

function isBounded(variable: Variable): variable is Stock {
  return variable.kind === "stock" && variable.nonNegative;
}
