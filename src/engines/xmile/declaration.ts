import type { Dimension } from "./dimension.ts";
import type { Expression } from "./expression.ts";
import type { GraphicalFunction } from "./graph.ts";

/** What an element of a variable holds: its equation, its graphical function, or both. */
export interface Content {
  readonly equation?: Expression;
  readonly graph?: GraphicalFunction;
}

/** A variable as its element in the file states it: one value, or an array of them. */
export interface Declaration {
  readonly name: string;
  readonly label: string;
  readonly line: number;
  readonly kind: "stock" | "flow" | "auxiliary" | "graph";
  readonly unit?: string;
  readonly doc?: string;
  readonly nonNegative: boolean;
  /** Empty for a single value. */
  readonly dimensions: readonly Dimension[];
  /** What holds for every element that has nothing of its own. */
  readonly content: Content;
  /** What single elements have of their own, by the suffix of their names: `[a,b]`. */
  readonly elements: ReadonlyMap<string, Content>;
  readonly inflows: readonly string[];
  readonly outflows: readonly string[];
}
