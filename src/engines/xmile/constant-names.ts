import { TIMED_FUNCTIONS } from "./builtins.ts";
import type { Expression } from "./expression.ts";
import { namesIn, partsOf } from "./expression.ts";
import type { Quantity } from "./quantity.ts";

/**
 * The quantities that keep the value they have at the start: what depends on nothing, on nothing
 * else than such, and what is computed only at the start. `order` has what is needed first. With
 * `varied`, those that are the same in all runs in which these vary.
 */
export function constantNames(
  quantities: readonly Quantity[],
  order: readonly string[],
  varied?: ReadonlySet<string>,
): ReadonlySet<string> {
  const byName = new Map(quantities.map((quantity) => [quantity.name, quantity]));
  const constants = new Set<string>();
  for (const name of order) {
    const quantity = byName.get(name);
    if (quantity === undefined || varied?.has(name) === true) continue;
    const isFormula = quantity.type === "formula" || quantity.type === "frozen";
    if (!isFormula) continue;
    const isFrozen = quantity.type === "frozen" && varied === undefined;
    if (isFrozen || isConstant(quantity.formula, constants)) constants.add(name);
  }
  return constants;
}

function isConstant(expression: Expression, constants: ReadonlySet<string>): boolean {
  const names = [...namesIn(expression)];
  return names.every((name) => constants.has(name)) && !callsTimed(expression);
}

function callsTimed(expression: Expression): boolean {
  if (expression.type === "call" && TIMED_FUNCTIONS.has(expression.name)) return true;
  return partsOf(expression).some(callsTimed);
}
