import type { Expression } from "./expression.ts";
import type { Place } from "./problem.ts";

interface QuantityBase {
  /** A variable's canonical name; a hidden quantity's name holds a space, so none collides. */
  readonly name: string;
  /** The variable it belongs to, for messages. */
  readonly place: Place;
}

/** Starts at `initial` and then changes at the rate `change`. */
interface StockQuantity extends QuantityBase {
  readonly type: "stock";
  readonly initial: Expression;
  readonly change: Expression;
  readonly nonNegative: boolean;
}

/** Computed anew at every evaluation. */
interface FormulaQuantity extends QuantityBase {
  readonly type: "formula";
  readonly formula: Expression;
}

/** Computed once, at the start. */
interface FrozenQuantity extends QuantityBase {
  readonly type: "frozen";
  readonly formula: Expression;
}

/** Computed at the start of each time step from stocks, and held through the stages of RK4. */
interface HeldQuantity extends QuantityBase {
  readonly type: "held";
  readonly formula: Expression;
}

/** The value `input` had `lag` ago, at least one time step; `initial` before that. */
interface MemoryQuantity extends QuantityBase {
  readonly type: "memory";
  readonly initial: Expression;
  readonly input: Expression;
  /** One time step when absent. */
  readonly lag?: Expression;
}

/** What a program computes: the model's variables, and the hidden parts of their functions. */
export type Quantity =
  | StockQuantity
  | FormulaQuantity
  | FrozenQuantity
  | HeldQuantity
  | MemoryQuantity;

/** The names under which hidden quantities reach the clock, whatever the model's variables hide. */
export const CLOCK_TIME_STEP = "clock time step";
