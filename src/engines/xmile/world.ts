import { ARRAY_FUNCTIONS, builtinNames } from "./builtins.ts";
import type { Declaration } from "./declaration.ts";
import type { Dimension } from "./dimension.ts";
import type { Expression } from "./expression.ts";
import type { Macro } from "./read-macro.ts";

/** A variable of the model, of a module or of a call of a macro, with all its elements. */
export interface Family {
  readonly declaration: Declaration;
  /** Where it lives: empty, or names that each end with a dot. */
  readonly path: string;
  readonly pathLabel: string;
  /** The canonical name without subscripts. */
  readonly name: string;
  /** The family it takes its values from, where a module's input is connected. */
  readonly source?: string;
}

/** All that names in equations can mean. */
export interface World {
  readonly families: Map<string, Family>;
  readonly dimensions: ReadonlyMap<string, Dimension>;
  readonly macros: ReadonlyMap<string, Macro>;
}

/** Where an equation stands, and for which element it is made. */
export interface Setting {
  readonly place: { readonly variable: string; readonly line: number };
  readonly path: string;
  /** What the parameters of a macro stand for. */
  readonly bindings: ReadonlyMap<string, Expression>;
  readonly axes: readonly Axis[];
  /** What SELF means: the value that is being made. */
  readonly self: string;
  /** Inside a built-in of arrays: where each of its loops stands, by key. */
  readonly loops?: ReadonlyMap<string, number>;
}

/** A dimension of the variable that is being made, and the place in it. */
interface Axis {
  readonly dimension: Dimension;
  readonly at: number;
}

/** The family a name means at `path`; a leading dot means the whole model. */
export function familyOf(world: World, name: string, path: string): Family | undefined {
  return name.startsWith(".")
    ? world.families.get(name.slice(1))
    : world.families.get(`${path}${name}`);
}

/** A function's own name without the namespace of its vendor: `isee.delay1`, `std.sin`. */
export function withoutNamespace(name: string, world: World): string {
  const bare = name.slice(name.lastIndexOf(".") + 1);
  if (bare === name || world.families.has(name)) return name;
  const known =
    world.macros.has(bare) || ARRAY_FUNCTIONS.has(bare) || builtinNames().includes(bare);
  return known ? bare : name;
}
