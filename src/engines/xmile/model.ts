import type { Expression } from "./expression.ts";
import type { GraphicalFunction } from "./graph.ts";

/** How the differential equations are integrated. */
export type Method = "euler" | "rk4";

/** When and how a model is simulated unless told otherwise. */
export interface SimulationSpecs {
  readonly startTime: number;
  readonly stopTime: number;
  readonly timeStep: number;
  readonly method: Method;
  /** The time between two saved rows; the time step when absent. */
  readonly saveStep?: number;
}

interface VariableBase {
  /** The canonical name: unique, lower case, underscores. */
  readonly name: string;
  /** The name as people read it. */
  readonly label: string;
  readonly unit?: string;
  readonly doc?: string;
  /** The line of the variable's element. */
  readonly line: number;
  readonly nonNegative: boolean;
}

/** What accumulates: its initial value, and the names of the flows that fill and drain it. */
export interface Stock extends VariableBase {
  readonly kind: "stock";
  readonly initial: Expression;
  readonly inflows: readonly string[];
  readonly outflows: readonly string[];
}

/** A rate of change, or a quantity computed from others. */
export interface Formula extends VariableBase {
  readonly kind: "flow" | "auxiliary";
  readonly formula: Expression;
}

export type Variable = Stock | Formula;

/** A model as its file states it: checked, not yet ordered or compiled. */
export interface Model {
  readonly title: string;
  readonly timeUnit: string;
  readonly specs: SimulationSpecs;
  /** Each a single value; an array has one for each element, named `name[element,element]`. */
  readonly variables: readonly Variable[];
  /** What calls of macros need: simulated, never shown. */
  readonly hidden: readonly Variable[];
  /** Graphical functions that equations may call, by canonical name. */
  readonly graphs: ReadonlyMap<string, GraphicalFunction>;
  /** The variables a reader should see first: those the file plots, or the stocks. */
  readonly highlights: readonly string[];
}
