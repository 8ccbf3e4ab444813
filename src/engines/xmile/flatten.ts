/**
 * Makes one flat model of a file's models, modules, macros and arrays.
 *
 * F1 Every family has its name before any equation is looked at, so that order does not matter.
 * F2 Names made here for what equations cannot reach hold a space, so that none collides.
 */
import type { Declaration } from "./declaration.ts";
import { elementSuffix, placesOf } from "./dimension.ts";
import type { Expression } from "./expression.ts";
import type { GraphicalFunction } from "./graph.ts";
import { didYouMean } from "./identifier.ts";
import type { Variable } from "./model.ts";
import { refuse } from "./problem.ts";
import type { Macro } from "./read-macro.ts";
import { contentOf, Scalarizer } from "./scalarize.ts";
import type { Family, Setting, World } from "./world.ts";
import { familyOf } from "./world.ts";

/** The variables of a whole file, each a single value. */
export interface FlatModel {
  readonly variables: readonly Variable[];
  /** What calls of macros needed; never shown. */
  readonly hidden: readonly Variable[];
  readonly graphs: ReadonlyMap<string, GraphicalFunction>;
}

/** The most single values a model may have. */
const MAX_VARIABLES = 50_000;

/** The deepest nesting of macros that call macros. */
const MAX_MACRO_DEPTH = 30;

const NO_BINDINGS: ReadonlyMap<string, Expression> = new Map();

/** Gives every element of every family its own equation. */
export function flatten(world: World, families: readonly Family[]): FlatModel {
  const flattener = new Flattener(world);
  const variables = families.flatMap((family) => flattener.variablesOf(family, NO_BINDINGS));
  return { variables, hidden: flattener.hidden, graphs: flattener.graphs };
}

class Flattener {
  readonly hidden: Variable[] = [];
  readonly graphs = new Map<string, GraphicalFunction>();
  private readonly world: World;
  private readonly scalarizer: Scalarizer;
  private calls = 0;
  private depth = 0;
  private count = 0;

  constructor(world: World) {
    this.world = world;
    this.scalarizer = new Scalarizer(world, (macro, given, setting) =>
      this.callMacro(macro, given, setting),
    );
  }

  variablesOf(family: Family, bindings: ReadonlyMap<string, Expression>): readonly Variable[] {
    const { dimensions } = family.declaration;
    const places = placesOf(dimensions.map(({ elements }) => elements.length));
    this.count += places.length;
    if (this.count > MAX_VARIABLES) {
      refuse("too-large", {}, `The model has more than ${MAX_VARIABLES} variables`);
    }
    return places.flatMap((at) => this.variableOf(family, at, bindings) ?? []);
  }

  private variableOf(
    family: Family,
    at: readonly number[],
    bindings: ReadonlyMap<string, Expression>,
  ): Variable | undefined {
    const { declaration, path, pathLabel } = family;
    const { dimensions, line, unit, doc, kind } = declaration;
    const suffix = elementSuffix(dimensions, at, "name");
    const label = `${pathLabel}${declaration.label}${elementSuffix(dimensions, at, "label")}`;
    const axes = dimensions.map((dimension, axis) => ({ dimension, at: at[axis] ?? 0 }));
    const name = `${family.name}${suffix}`;
    const place = { variable: label, line };
    const setting: Setting = { place, path, bindings, axes, self: name };
    const { equation, graph } = contentOf(family, suffix);
    if (graph !== undefined) this.graphs.set(name, graph);
    const base = {
      name,
      label,
      line,
      nonNegative: declaration.nonNegative,
      ...(unit === undefined ? {} : { unit }),
      ...(doc === undefined ? {} : { doc }),
    };
    if (family.source !== undefined) {
      const formula = this.connected(family.source, setting);
      return { ...base, kind: kind === "flow" ? "flow" : "auxiliary", formula };
    }
    if (equation === undefined && graph !== undefined && kind !== "stock") return undefined;
    if (equation === undefined) return refuseEmpty(setting);
    const made = this.scalarizer.scalar(equation, setting);
    if (kind === "stock") return { ...base, kind, initial: made, ...this.flowsOf(family, setting) };
    const formula: Expression = graph === undefined ? made : { type: "graph", graph, input: made };
    return { ...base, kind: kind === "flow" ? "flow" : "auxiliary", formula };
  }

  private connected(source: string, setting: Setting): Expression {
    const family = this.world.families.get(source);
    if (family !== undefined) return this.scalarizer.element(family, setting);
    return refuse("invalid-model", setting.place, `The connected \`${source}\` is not defined`);
  }

  private flowsOf(
    { declaration, path }: Family,
    setting: Setting,
  ): { inflows: readonly string[]; outflows: readonly string[] } {
    const resolve = (name: string): string => {
      const family = familyOf(this.world, name, path);
      if (family === undefined) return `${path}${name}`;
      const element = this.scalarizer.element(family, setting);
      return element.type === "reference" ? element.name : name;
    };
    return {
      inflows: declaration.inflows.map(resolve),
      outflows: declaration.outflows.map(resolve),
    };
  }

  /** A call has variables of its own, so that each call of a macro with stocks has its stocks. */
  private callMacro(macro: Macro, given: readonly Expression[], setting: Setting): Expression {
    this.depth += 1;
    if (this.depth > MAX_MACRO_DEPTH) {
      refuse(
        "not-supported",
        setting.place,
        `The macro \`${macro.label}\` calls itself, which is not supported`,
      );
    }
    this.calls += 1;
    const path = `${macro.name} (call ${this.calls}).`; // F2
    const bindings = this.bind(macro, given, setting, path);
    const families = registerFamilies(this.world, macro.declarations, {
      path,
      pathLabel: `${setting.place.variable}: ${macro.label}.`,
    });
    for (const family of families) this.hidden.push(...this.variablesOf(family, bindings));
    const result = this.scalarizer.scalar(macro.result, { ...setting, path, bindings, axes: [] });
    this.depth -= 1;
    return result;
  }

  private bind(
    macro: Macro,
    given: readonly Expression[],
    setting: Setting,
    path: string,
  ): ReadonlyMap<string, Expression> {
    const { parameters, label } = macro;
    const least = parameters.filter(({ otherwise }) => otherwise === undefined).length;
    if (given.length > parameters.length || given.length < least) {
      refuse(
        "invalid-model",
        setting.place,
        `The macro \`${label}\` takes ${parameters.length} arguments, not ${given.length}`,
      );
    }
    const bindings = new Map<string, Expression>();
    for (const [index, { name, otherwise }] of parameters.entries()) {
      const missing =
        otherwise && this.scalarizer.scalar(otherwise, { ...setting, path, bindings });
      const value = given[index] ?? missing;
      if (value !== undefined) bindings.set(name, this.hoist(value, `${path}${name}`, setting));
    }
    return bindings;
  }

  /** Gives an argument a name, so that all its uses share one value. */
  private hoist(value: Expression, name: string, { place }: Setting): Expression {
    if (value.type === "reference" || value.type === "number") return value;
    this.hidden.push({
      kind: "auxiliary",
      name,
      label: place.variable,
      line: place.line,
      nonNegative: false,
      formula: value,
    });
    return { type: "reference", name };
  }
}

function refuseEmpty({ place }: Setting): never {
  return refuse("invalid-model", place, "There is no equation", "Give the variable an <eqn>.");
}

/** Makes declarations known under a path; the same name twice is refused. */
export function registerFamilies(
  world: World,
  declarations: readonly Declaration[],
  { path, pathLabel }: Pick<Family, "path" | "pathLabel">,
): readonly Family[] {
  return declarations.map((declaration) => {
    const family = { declaration, path, pathLabel, name: `${path}${declaration.name}` };
    const earlier = world.families.get(family.name);
    if (earlier !== undefined) refuseDuplicate(declaration, earlier.declaration);
    world.families.set(family.name, family);
    return family;
  });
}

function refuseDuplicate(declaration: Declaration, earlier: Declaration): never {
  return refuse(
    "invalid-model",
    { variable: declaration.label, line: declaration.line },
    `The variable is defined twice, first on line ${earlier.line}`,
    "Remove or rename one; upper and lower case, spaces and underscores make no difference.",
  );
}

/** Takes the values of `target` from `source` from now on. */
export function connectFamily(
  world: World,
  target: string,
  source: string,
  place: { variable: string; line: number },
): void {
  const family = world.families.get(target);
  if (family === undefined) {
    refuse(
      "invalid-model",
      place,
      `The module connects \`${target}\`, which is not defined.` +
        didYouMean(target, world.families.keys()),
    );
  }
  if (!world.families.has(source)) {
    refuse(
      "invalid-model",
      place,
      `The module is connected to \`${source}\`, which is not defined.` +
        didYouMean(source, world.families.keys()),
    );
  }
  world.families.set(target, { ...family, source });
}
