/**
 * Turns the equations of arrays into equations of single values: every use of an array becomes a
 * reference to one element, a choice among elements, or a list of them for SUM and its like.
 */
import { ARRAY_FUNCTIONS, builtinNames, NAMED_NUMBERS } from "./builtins.ts";
import type { Content } from "./declaration.ts";
import { elementSuffix, placesOf } from "./dimension.ts";
import { checkArity } from "./expand-functions.ts";
import type { Expression } from "./expression.ts";
import { call, mapParts, number, partsOf, reference } from "./expression.ts";
import { refuse } from "./problem.ts";
import type { Macro } from "./read-macro.ts";
import type { ArrayUse, Position } from "./subscripts.ts";
import { positionsOf } from "./subscripts.ts";
import type { Family, Setting, World } from "./world.ts";
import { familyOf, withoutNamespace } from "./world.ts";

type Call = Extract<Expression, { type: "call" }>;
type ArrayExpression = Extract<Expression, { type: "array" }>;

/** Replaces the call of a macro, given arguments that are already single values. */
export type CallMacro = (
  macro: Macro,
  given: readonly Expression[],
  setting: Setting,
) => Expression;

/** The most elements one built-in of arrays, or one choice, goes over. */
const MAX_LISTED = 20_000;

const WHOLE: ArrayUse = { transposed: false };

/** Names the clock answers to. */
const CLOCK_NAMES: ReadonlySet<string> = new Set(["time", "dt", "starttime", "stoptime"]);

/** Makes equations of single values, in one world. */
export class Scalarizer {
  private readonly world: World;
  private readonly callMacro: CallMacro;

  constructor(world: World, callMacro: CallMacro) {
    this.world = world;
    this.callMacro = callMacro;
  }

  /** `expression` for the element that `setting` names. */
  scalar(expression: Expression, setting: Setting): Expression {
    switch (expression.type) {
      case "reference":
        return this.name(expression.name, setting);
      case "array":
        return this.array(expression, setting);
      case "call":
        return this.call(expression, setting);
      default:
        return mapParts(expression, (part) => this.scalar(part, setting));
    }
  }

  /** The element of `family` that stands for it, without subscripts, in `setting`. */
  element(family: Family, setting: Setting): Expression {
    return this.pick(family, WHOLE, setting, (name) => reference(name));
  }

  private name(name: string, setting: Setting): Expression {
    const bound = setting.bindings.get(name);
    if (bound !== undefined) return bound;
    const family = familyOf(this.world, name, setting.path);
    if (family !== undefined) return this.element(family, setting);
    if (isConstantName(name)) return reference(name);
    if (name === "self") return reference(setting.self);
    const place = this.placeNamed(name, setting);
    return place === undefined ? reference(`${setting.path}${name}`) : number(place);
  }

  /** The number a dimension's name, or that of an element, stands for outside of subscripts. */
  private placeNamed(name: string, { axes }: Setting): number | undefined {
    const axis = axes.find(({ dimension }) => dimension.name === name);
    if (axis !== undefined) return axis.at + 1;
    for (const { name: of, elements } of this.world.dimensions.values()) {
      const at = elements.findIndex((element) => `${of}.${element.name}` === name);
      if (at >= 0) return at + 1;
    }
    return undefined;
  }

  private array(expression: ArrayExpression, setting: Setting): Expression {
    const { name, called } = expression;
    const family = familyOf(this.world, name, setting.path);
    if (family === undefined) {
      return refuse("invalid-model", setting.place, `The array \`${name}\` is not defined`);
    }
    if (called === undefined) {
      return this.pick(family, expression, setting, (element) => reference(element));
    }
    const [input, ...rest] = called;
    if (input === undefined || rest.length > 0) {
      return refuse("invalid-model", setting.place, `\`${name}\` takes 1 argument`);
    }
    return this.graph(family, expression, input, setting);
  }

  /** A call of a graphical function, or of an element of an array of them. */
  private graph(family: Family, use: ArrayUse, input: Expression, setting: Setting): Expression {
    const made = this.scalar(input, setting);
    return this.pick(family, use, setting, (_, suffix) => {
      const { graph } = contentOf(family, suffix);
      if (graph !== undefined) return { type: "graph", graph, input: made };
      const { label } = family.declaration;
      return refuse(
        "invalid-model",
        setting.place,
        `\`${label}\` is a variable and cannot be called`,
      );
    });
  }

  /** What `make` gives for the element that is meant, or a choice where that is computed. */
  private pick(
    family: Family,
    use: ArrayUse,
    setting: Setting,
    make: (name: string, suffix: string) => Expression,
  ): Expression {
    const { dimensions } = family.declaration;
    const positions = positionsOf(family, use, setting, this.world);
    const at = positions.map((position) => this.fix(position, family, setting));
    const computed = positions.flatMap((position, axis) =>
      position.type === "computed" ? [{ axis, index: position.index }] : [],
    );
    const option = (places: readonly number[]): Expression => {
      const suffix = elementSuffix(dimensions, places, "name");
      return make(`${family.name}${suffix}`, suffix);
    };
    if (computed.length === 0) return option(at);
    const sizes = computed.map(({ axis }) => dimensions[axis]?.elements.length ?? 0);
    const optionAt = (chosen: readonly number[]): Expression =>
      option(
        at.map((place, axis) => chosen[computed.findIndex((each) => each.axis === axis)] ?? place),
      );
    const indexes = computed.map(({ index }) => this.scalar(index, setting));
    const constant = indexes.map(constantOf);
    if (!constant.includes(undefined)) {
      const chosen = constant.map((value) => Math.floor(value ?? 0) - 1);
      const inside = chosen.every((place, axis) => place >= 0 && place < (sizes[axis] ?? 0));
      return inside ? optionAt(chosen) : number(0);
    }
    return { type: "choose", indexes, sizes, options: placesOf(sizes).map(optionAt) };
  }

  private fix(position: Position, family: Family, { loops, place }: Setting): number {
    if (position.type === "fixed") return position.at;
    if (position.type === "computed") return 0;
    const turn = loops?.get(position.key);
    if (turn !== undefined) return position.among[turn] ?? 0;
    return refuse(
      "invalid-model",
      place,
      `The array \`${family.declaration.label}\` stands where a single value is needed`,
      "Name the element in brackets, or use a function of arrays such as SUM.",
    );
  }

  private call(expression: Call, setting: Setting): Expression {
    const name = withoutNamespace(expression.name, this.world);
    const { arguments: parts } = expression;
    const [first] = parts;
    const macro = this.world.macros.get(name);
    if (macro !== undefined) {
      return this.callMacro(
        macro,
        parts.map((part) => this.scalar(part, setting)),
        setting,
      );
    }
    const family = familyOf(this.world, name, setting.path);
    if (family !== undefined && first !== undefined && !meansBuiltin(name, family)) {
      checkArity(name, parts.length, [1, 1], setting.place);
      return this.graph(family, WHOLE, first, setting);
    }
    if (parts.length === 0 && isConstantName(name)) return reference(name);
    if (name === "lookup") return this.lookup(parts, setting);
    if (first !== undefined && goesOverElements(name, parts.length)) {
      return this.list(name, first, parts.slice(1), setting);
    }
    return { type: "call", name, arguments: parts.map((part) => this.scalar(part, setting)) };
  }

  private lookup(parts: readonly Expression[], setting: Setting): Expression {
    checkArity("lookup", parts.length, [2, 2], setting.place);
    const [graph = number(0), input = number(0)] = parts;
    const named = graph.type === "reference" || graph.type === "array";
    const family = named ? familyOf(this.world, graph.name, setting.path) : undefined;
    if (family === undefined || !hasGraph(family)) {
      return call("lookup", graph, this.scalar(input, setting));
    }
    return this.graph(family, graph.type === "array" ? graph : WHOLE, input, setting);
  }

  /** A built-in of arrays, as a call with every element an argument. */
  private list(
    name: string,
    array: Expression,
    rest: readonly Expression[],
    setting: Setting,
  ): Expression {
    const { place } = setting;
    if (name === "size" && array.type === "reference") {
      const dimension = this.world.dimensions.get(array.name);
      if (dimension !== undefined) return number(dimension.elements.length);
    }
    const elements = this.elements(array, setting);
    if (name !== "rank" && name !== "size") {
      const others = rest.flatMap((each) => this.elements(each, setting)); // MEAN(a, b) too.
      return call(`${name} of`, ...elements, ...others);
    }
    checkArity(name, rest.length + 1, name === "size" ? [1, 1] : [2, 3], place);
    if (name === "size") return number(elements.length);
    const [rank = number(1), ties] = rest;
    const made = this.scalar(rank, setting);
    if (ties === undefined) return call("rank of", made, ...elements);
    const second = this.elements(ties, setting);
    if (second.length !== elements.length) {
      refuse("invalid-model", place, "RANK needs two arrays of one size");
    }
    return call("rank tied", made, ...elements, ...second);
  }

  /** `array` once for every turn of the loops that it holds. */
  private elements(array: Expression, setting: Setting): readonly Expression[] {
    const inside: Setting = { ...setting, loops: setting.loops ?? new Map<string, number>() };
    const loops = new Map<string, number>();
    this.findLoops(array, inside, loops);
    const keys = [...loops.keys()];
    const count = [...loops.values()].reduce((product, length) => product * length, 1);
    if (count > MAX_LISTED) {
      refuse("too-large", setting.place, `A function of arrays goes over ${count} elements`);
    }
    return placesOf([...loops.values()]).map((turn) => {
      const turns = keys.map((key, index) => [key, turn[index] ?? 0] as const);
      const merged = new Map([...(setting.loops ?? []), ...turns]);
      return this.scalar(array, { ...setting, loops: merged });
    });
  }

  private findLoops(expression: Expression, setting: Setting, loops: Map<string, number>): void {
    if (expression.type === "reference" || expression.type === "array") {
      this.findLoopsOf(expression, setting, loops);
    } else if (expression.type !== "call" || !ARRAY_FUNCTIONS.has(expression.name)) {
      for (const part of partsOf(expression)) this.findLoops(part, setting, loops);
    }
  }

  private findLoopsOf(
    expression: Extract<Expression, { type: "reference" | "array" }>,
    setting: Setting,
    loops: Map<string, number>,
  ): void {
    const bound = setting.bindings.has(expression.name);
    const family = bound ? undefined : familyOf(this.world, expression.name, setting.path);
    if (family === undefined) return;
    const use = expression.type === "array" ? expression : WHOLE;
    for (const position of positionsOf(family, use, setting, this.world)) {
      if (position.type === "loop") joinLoop(position, loops, setting);
    }
  }
}

/** The clock and PI answer without arguments, and some files write them as calls. */
function isConstantName(name: string): boolean {
  return CLOCK_NAMES.has(name) || NAMED_NUMBERS.has(name);
}

/** Whether a call means the built-in, although a variable has its name. */
function meansBuiltin(name: string, family: Family): boolean {
  return !hasGraph(family) && builtinNames().includes(name);
}

/** MAX and MIN of one argument mean the largest and smallest element of an array. */
function goesOverElements(name: string, count: number): boolean {
  return ARRAY_FUNCTIONS.has(name) || ((name === "min" || name === "max") && count === 1);
}

function joinLoop(
  { key, among }: Extract<Position, { type: "loop" }>,
  loops: Map<string, number>,
  { place }: Setting,
): void {
  const length = loops.get(key) ?? among.length;
  if (length !== among.length) {
    refuse("invalid-model", place, "A function of arrays is given ranges of different lengths");
  }
  loops.set(key, length);
}

/** The value of sums and products of numbers: a place such as `Step - 1` depends on nothing. */
function constantOf(expression: Expression): number | undefined {
  if (expression.type === "number") return expression.value;
  if (expression.type === "unary" && expression.operator === "-") {
    const value = constantOf(expression.operand);
    return value === undefined ? undefined : -value;
  }
  if (expression.type !== "binary") return undefined;
  const left = constantOf(expression.left);
  const right = constantOf(expression.right);
  if (left === undefined || right === undefined) return undefined;
  switch (expression.operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    default:
      return undefined;
  }
}

/** What an element of a family holds; its own comes before what holds for all. */
export function contentOf({ declaration }: Family, suffix: string): Content {
  return { ...declaration.content, ...declaration.elements.get(suffix) };
}

function hasGraph({ declaration: { content, elements } }: Family): boolean {
  return content.graph !== undefined || [...elements.values()].some(({ graph }) => graph);
}
