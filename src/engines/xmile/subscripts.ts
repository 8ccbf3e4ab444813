/** Finds which elements of an array an equation means. Source: XMILE 1.0, section 3.7.1. */
import type { Dimension } from "./dimension.ts";
import { placeIn } from "./dimension.ts";
import type { Expression, Subscript } from "./expression.ts";
import { refuse } from "./problem.ts";
import type { Family, Setting, World } from "./world.ts";
import { familyOf } from "./world.ts";

/** What is meant along one dimension: one place, several to loop over, or a computed one. */
export type Position =
  | { readonly type: "fixed"; readonly at: number }
  | { readonly type: "loop"; readonly among: readonly number[]; readonly key: string }
  | { readonly type: "computed"; readonly index: Expression };

type Found =
  | Exclude<Position, { type: "loop" }>
  | { readonly type: "loop"; readonly among: readonly number[] };

/** How an array is written in an equation. */
export interface ArrayUse {
  readonly subscripts?: readonly Subscript[];
  readonly transposed: boolean;
}

/** What each dimension of `family` means where `use` of it stands in an equation. */
export function positionsOf(
  family: Family,
  use: ArrayUse,
  setting: Setting,
  world: World,
): readonly Position[] {
  const { dimensions, label } = family.declaration;
  const { subscripts } = use;
  if (subscripts !== undefined && subscripts.length !== dimensions.length) {
    refuse(
      "invalid-model",
      setting.place,
      dimensions.length === 0
        ? `\`${label}\` is no array and takes no subscript`
        : `\`${label}\` has ${dimensions.length} dimensions, and ${subscripts.length} subscripts are given`,
    );
  }
  const found = dimensions.map((dimension, axis) => {
    const written = subscripts?.[axis];
    return written === undefined
      ? implied(dimensions, axis, use.transposed, setting)
      : explicit(written, dimension, setting, world);
  });
  return withKeys(found, dimensions, use.transposed);
}

/** Names the loops, so that those over one dimension run together in all arrays of a call. */
function withKeys(
  found: readonly Found[],
  dimensions: readonly Dimension[],
  transposed: boolean,
): readonly Position[] {
  const counts = new Map<string, number>();
  const order = found.map((_, axis) => (transposed ? found.length - 1 - axis : axis));
  const keys = new Map<number, string>();
  for (const axis of order) {
    if (found[axis]?.type !== "loop") continue;
    const name = dimensions[axis]?.name ?? "";
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    keys.set(axis, `${name} ${count}`);
  }
  return found.map((position, axis) =>
    position.type === "loop" ? { ...position, key: keys.get(axis) ?? "" } : position,
  );
}

function everywhere({ elements }: Dimension): Found {
  return { type: "loop", among: elements.map((_, index) => index) };
}

/** A name without subscripts: element by element in an array's equation, else the whole array. */
function implied(
  dimensions: readonly Dimension[],
  axis: number,
  transposed: boolean,
  { axes, loops }: Setting,
): Found {
  const dimension = dimensions[axis];
  if (dimension === undefined) return { type: "fixed", at: 0 };
  if (loops !== undefined) return everywhere(dimension);
  const facing = axes[transposed ? axes.length - 1 - axis : axis];
  const sameShape =
    axes.length === dimensions.length &&
    facing?.dimension.elements.length === dimension.elements.length;
  if (transposed && facing !== undefined && sameShape) return { type: "fixed", at: facing.at };
  const earlier = dimensions.slice(0, axis).filter(({ name }) => name === dimension.name).length;
  const named = axes.filter((each) => each.dimension.name === dimension.name)[earlier];
  if (named !== undefined) return { type: "fixed", at: named.at };
  return facing !== undefined && sameShape
    ? { type: "fixed", at: facing.at }
    : everywhere(dimension);
}

function explicit(written: Subscript, dimension: Dimension, setting: Setting, world: World): Found {
  switch (written.type) {
    case "all":
      return everywhere(dimension);
    case "range": {
      const from = constantPlace(written.from, dimension, setting);
      const to = constantPlace(written.to, dimension, setting);
      if (from > to) refuse("invalid-model", setting.place, "A range ends before it begins");
      return { type: "loop", among: Array.from({ length: to - from + 1 }, (_, at) => from + at) };
    }
    case "position": {
      const axis = setting.axes[written.position - 1];
      if (axis === undefined) {
        return refuse(
          "invalid-model",
          setting.place,
          `@${written.position} is used, but the variable has ${setting.axes.length} dimensions`,
        );
      }
      return { type: "fixed", at: samePlace(axis.dimension, axis.at, dimension, setting) };
    }
    case "index":
      return indexed(written.index, dimension, setting, world);
  }
}

function indexed(index: Expression, dimension: Dimension, setting: Setting, world: World): Found {
  const at = literalPlace(index, dimension);
  if (at !== undefined) {
    return { type: "fixed", at: checkPlace(at, index, dimension, setting) };
  }
  if (index.type !== "reference") return { type: "computed", index };
  const axis = setting.axes.find((each) => each.dimension.name === index.name);
  if (axis !== undefined) {
    return { type: "fixed", at: samePlace(axis.dimension, axis.at, dimension, setting) };
  }
  const named = world.dimensions.get(index.name);
  const variable = setting.bindings.has(index.name) || familyOf(world, index.name, setting.path);
  if (named !== undefined && !variable) {
    const among = named.elements.map((_, each) => samePlace(named, each, dimension, setting));
    return { type: "loop", among };
  }
  return { type: "computed", index };
}

/** The place an element's name, `dimension.element` or a number literal stands for. */
function literalPlace(index: Expression, dimension: Dimension): number | undefined {
  if (index.type === "number") return index.value - 1;
  if (index.type !== "reference") return undefined;
  const prefix = `${dimension.name}.`;
  const name = index.name.startsWith(prefix) ? index.name.slice(prefix.length) : index.name;
  const at = placeIn(dimension, name);
  return at < 0 ? undefined : at;
}

function checkPlace(
  at: number,
  index: Expression,
  dimension: Dimension,
  { place }: Setting,
): number {
  if (Number.isInteger(at) && at >= 0 && at < dimension.elements.length) return at;
  const shown = index.type === "number" ? index.value : "the subscript";
  return refuse(
    "invalid-model",
    place,
    `The dimension \`${dimension.label}\` has ${dimension.elements.length} elements; ${shown} is none`,
  );
}

function constantPlace(index: Expression, dimension: Dimension, setting: Setting): number {
  const at = literalPlace(index, dimension);
  if (at !== undefined) return checkPlace(at, index, dimension, setting);
  return refuse(
    "invalid-model",
    setting.place,
    `A range over \`${dimension.label}\` begins and ends with elements of it or their numbers`,
  );
}

/** The place in `to` of what is at `at` in `from`: of the same name, else the same place. */
function samePlace(from: Dimension, at: number, to: Dimension, { place }: Setting): number {
  if (from.name === to.name) return at;
  const named = placeIn(to, from.elements[at]?.name ?? "");
  if (named >= 0) return named;
  if (from.elements.length === to.elements.length) return at;
  return refuse(
    "invalid-model",
    place,
    `The dimension \`${from.label}\` does not match the dimension \`${to.label}\``,
  );
}
