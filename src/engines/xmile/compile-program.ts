import { CLOCK } from "./clock-slots.ts";
import type { Evaluate, Scope } from "./compile-expression.ts";
import { compileExpression } from "./compile-expression.ts";
import { constantNames } from "./constant-names.ts";
import { orderByDependency } from "./dependency.ts";
import type { OutflowLimit } from "./expand-model.ts";
import { expandModel } from "./expand-model.ts";
import type { Expression } from "./expression.ts";
import { namesIn } from "./expression.ts";
import type { Model } from "./model.ts";
import type { Place } from "./problem.ts";
import { refuse } from "./problem.ts";
import type { Quantity } from "./quantity.ts";
import { CLOCK_TIME_STEP } from "./quantity.ts";
import type { Chance } from "./timed-functions.ts";
import { FIXED_CHANCE } from "./timed-functions.ts";

/** Puts a computed value into a slot. */
export interface Assignment {
  readonly slot: number;
  readonly evaluate: Evaluate;
  readonly place: Place;
}

/** A model made ready to run: closures over numbered slots, in the order of evaluation. */
export interface Program {
  readonly slotCount: number;
  readonly slotOf: (name: string) => number | undefined;
  /** The quantities that are the same at all times of all runs in which only `varied` vary. */
  readonly fixedBeside: (varied: ReadonlySet<string>) => ReadonlySet<string>;
  /** Gives every quantity its value at the start. */
  readonly start: readonly Assignment[];
  /** Gives every formula that can change its value once stocks, memories and clock have theirs. */
  readonly formulas: readonly Assignment[];
  /** Gives what is held through a step its value once stocks have theirs, before the formulas. */
  readonly held: readonly Assignment[];
  readonly stocks: readonly (Assignment & { readonly nonNegative: boolean })[];
  readonly memories: readonly (Assignment & { readonly lag: Evaluate | undefined })[];
}

const NO_OVERRIDES: ReadonlyMap<string, number> = new Map();

/** Compiles a model; refuses unknown names, wrong arguments and loops without a stock. */
export function compileProgram(
  model: Model,
  overrides: ReadonlyMap<string, number> = NO_OVERRIDES,
  chance: Chance = FIXED_CHANCE,
): Program {
  const ordered = orderQuantities(model, overrides);
  const slots = slotsOf(ordered.quantities);
  const scope = scopeOf(model, slots, chance);
  const constants = constantNames(ordered.quantities, ordered.start);
  const compiled = new Map(
    ordered.quantities.map((quantity) => [quantity.name, compileQuantity(quantity, slots, scope)]),
  );
  const pick = (names: readonly string[], part: "start" | "formula"): readonly Assignment[] =>
    names.flatMap((name) => compiled.get(name)?.[part] ?? []);
  return {
    slotCount: CLOCK.first + ordered.quantities.length,
    slotOf: scope.slotOf,
    fixedBeside: (varied) => constantNames(ordered.quantities, ordered.start, varied),
    start: pick(ordered.start, "start"),
    formulas: pick(
      ordered.step.filter((name) => !constants.has(name)),
      "formula",
    ),
    held: [...compiled.values()].flatMap(({ held }) => held ?? []),
    stocks: [...compiled.values()].flatMap(({ stock }) => stock ?? []),
    memories: [...compiled.values()].flatMap(({ memory }) => memory ?? []),
  };
}

interface Ordered {
  readonly quantities: readonly Quantity[];
  readonly start: readonly string[];
  readonly step: readonly string[];
}

const LIMITS: readonly OutflowLimit[] = ["full", "content", "none"];

/** Orders the quantities, holding outflows back as far as that closes no loop. */
function orderQuantities(model: Model, overrides: ReadonlyMap<string, number>): Ordered {
  const limits = model.variables.some(({ kind, nonNegative }) => kind === "stock" && nonNegative)
    ? LIMITS
    : LIMITS.slice(-1);
  let refusal: () => never = () => refuse("invalid-model", {}, "The model cannot be ordered");
  for (const limit of limits) {
    const quantities = expandModel(model, overrides, limit);
    const start = orderByDependency(dependenciesOf(quantities, startExpression));
    const step = orderByDependency(dependenciesOf(quantities, stepExpression));
    if (start.ok && step.ok) return { quantities, start: start.value, step: step.value };
    const cycle = step.ok ? (start.ok ? [] : start.error) : step.error;
    refusal = () => refuseCycle(cycle, quantities);
  }
  return refusal();
}

function startExpression(quantity: Quantity): Expression | undefined {
  return quantity.type === "stock" || quantity.type === "memory"
    ? quantity.initial
    : quantity.formula;
}

function stepExpression(quantity: Quantity): Expression | undefined {
  return quantity.type === "formula" ? quantity.formula : undefined;
}

function dependenciesOf(
  quantities: readonly Quantity[],
  expressionOf: (quantity: Quantity) => Expression | undefined,
): ReadonlyMap<string, readonly string[]> {
  const expressions = quantities.flatMap((quantity) => {
    const expression = expressionOf(quantity);
    return expression === undefined ? [] : [[quantity.name, expression] as const];
  });
  const known = new Set(expressions.map(([name]) => name));
  return new Map(
    expressions.map(([name, expression]) => [
      name,
      [...namesIn(expression)].filter((needed) => known.has(needed)),
    ]),
  );
}

const MAX_CYCLE_SHOWN = 12;

function refuseCycle(cycle: readonly string[], quantities: readonly Quantity[]): never {
  const places = new Map(quantities.map(({ name, place }) => [name, place]));
  const labels = cycle.map((name) => (places.get(name)?.variable ?? name).slice(0, 60));
  const distinct = labels.filter((label, index) => index === 0 || label !== labels[index - 1]);
  const named = distinct.length === 1 ? [...distinct, ...distinct] : distinct;
  const shown =
    named.length > MAX_CYCLE_SHOWN
      ? [...named.slice(0, MAX_CYCLE_SHOWN - 1), "…", ...named.slice(-1)]
      : named;
  return refuse(
    "invalid-model",
    places.get(cycle[0] ?? "") ?? {},
    `The equations form a loop without a stock: ${shown.join(" → ")}`,
    "Break the loop with a stock, a delay or PREVIOUS.",
  );
}

function slotsOf(quantities: readonly Quantity[]): ReadonlyMap<string, number> {
  const clock: readonly (readonly [string, number])[] = [
    ["time", CLOCK.time],
    ["dt", CLOCK.timeStep],
    [CLOCK_TIME_STEP, CLOCK.timeStep],
    ["starttime", CLOCK.startTime],
    ["stoptime", CLOCK.stopTime],
  ];
  const own = quantities.map(({ name }, index) => [name, CLOCK.first + index] as const);
  return new Map([...clock, ...own]);
}

function scopeOf(model: Model, slots: ReadonlyMap<string, number>, chance: Chance): Scope {
  let seeds = 0;
  return {
    slotOf: (name) => slots.get(name),
    names: () => model.variables.map(({ name }) => name),
    graphs: model.graphs,
    chance,
    nextSeed: () => {
      seeds += 1;
      return seeds;
    },
  };
}

interface CompiledQuantity {
  readonly start: Assignment;
  readonly formula?: Assignment;
  readonly held?: Assignment;
  readonly stock?: Program["stocks"][number];
  readonly memory?: Program["memories"][number];
}

function compileQuantity(
  quantity: Quantity,
  slots: ReadonlyMap<string, number>,
  scope: Scope,
): CompiledQuantity {
  const { place } = quantity;
  const slot = slots.get(quantity.name) ?? 0;
  const compile = (expression: Expression): Evaluate => compileExpression(expression, scope, place);
  const assign = (expression: Expression): Assignment => ({
    slot,
    evaluate: compile(expression),
    place,
  });
  switch (quantity.type) {
    case "formula": {
      const formula = assign(quantity.formula);
      return { start: formula, formula };
    }
    case "held": {
      const held = assign(quantity.formula);
      return { start: held, held };
    }
    case "frozen":
      return { start: assign(quantity.formula) };
    case "stock": {
      const stock = { ...assign(quantity.change), nonNegative: quantity.nonNegative };
      return { start: assign(quantity.initial), stock };
    }
    case "memory": {
      const lag = quantity.lag === undefined ? undefined : compile(quantity.lag);
      return { start: assign(quantity.initial), memory: { ...assign(quantity.input), lag } };
    }
  }
}
