/**
 * Turns functions with memory into the hidden quantities they stand for, so that integration knows
 * only stocks, formulas, frozen values and memories. Source of all formulas: XMILE 1.0, section
 * 3.5.3, and J. Sterman, Business Dynamics (2000), chapter 11 for the material delays.
 */
import { MEMORY_FUNCTIONS } from "./builtins.ts";
import type { Expression } from "./expression.ts";
import { binary, call, mapParts, number, reference } from "./expression.ts";
import type { Place } from "./problem.ts";
import { refuse } from "./problem.ts";
import type { Quantity } from "./quantity.ts";

type Call = Extract<Expression, { type: "call" }>;

/** The highest order of a DELAYN or SMTHN: each order is one hidden stock. */
const MAX_ORDER = 100;

/** Refuses a call with too few or too many arguments. */
export function checkArity(
  name: string,
  count: number,
  [least, most]: readonly [number, number],
  place: Place,
): void {
  if (count >= least && count <= most) return;
  const range = least === most ? String(least) : `${least} to ${most}`;
  refuse(
    "invalid-model",
    place,
    `${name.toUpperCase()} takes ${range} argument${most === 1 ? "" : "s"}, not ${count}`,
  );
}

/** Replaces the calls of functions with memory in the expressions of one variable after another. */
export class FunctionExpander {
  /** The hidden quantities made so far. */
  readonly hidden: Quantity[] = [];
  private readonly constantOf: (name: string) => number | undefined;

  constructor(constantOf: (name: string) => number | undefined) {
    this.constantOf = constantOf;
  }

  /** `expression` without functions with memory. */
  expand(expression: Expression, place: Place): Expression {
    const expanded = mapParts(expression, (part) => this.expand(part, place));
    if (expanded.type !== "call") return expanded;
    const arity = MEMORY_FUNCTIONS.get(expanded.name);
    if (arity === undefined) return expanded;
    checkArity(expanded.name, expanded.arguments.length, arity, place);
    return this.replace(expanded, place);
  }

  private replace(found: Call, place: Place): Expression {
    const [first = number(0), second = number(0), third, fourth] = found.arguments;
    switch (found.name) {
      case "init":
        return this.add({ type: "frozen", formula: first }, "init", place);
      case "previous":
        return this.previous(first, found.arguments[1], place);
      case "delay":
        return this.delay(first, second, third, place);
      case "smth1":
        return this.smooth({ input: first, time: second, order: 1, initial: third }, place);
      case "smth3":
        return this.smooth({ input: first, time: second, order: 3, initial: third }, place);
      case "smthn": {
        const order = this.orderOf(found, place);
        return this.smooth({ input: first, time: second, order, initial: fourth }, place);
      }
      case "delay1":
        return this.materialDelay({ input: first, time: second, order: 1, initial: third }, place);
      case "delay3":
        return this.materialDelay({ input: first, time: second, order: 3, initial: third }, place);
      case "delayn": {
        const order = this.orderOf(found, place);
        return this.materialDelay({ input: first, time: second, order, initial: fourth }, place);
      }
      case "trend":
        return this.trend(first, second, third ?? number(0), place);
      default:
        return this.forecast(found, place);
    }
  }

  /** The value one time step ago; at the start `initial`, or else the input itself. */
  private previous(input: Expression, initial: Expression | undefined, place: Place): Expression {
    return this.add({ type: "memory", input, initial: initial ?? input }, "previous", place);
  }

  /** Fixed delay: the input `time` ago, in whole time steps and at least one. */
  private delay(
    input: Expression,
    time: Expression,
    initial: Expression | undefined,
    place: Place,
  ): Expression {
    const source = this.hoist(input, "input", place);
    const memory = {
      type: "memory",
      input: source,
      initial: initial ?? source,
      lag: time,
    } as const;
    return this.add(memory, "delay", place);
  }

  /** SMTHn: n stocks Sᵢ' = (Sᵢ₋₁ − Sᵢ) / (T/n), all of them starting at the initial value. */
  private smooth(chain: Chain, place: Place): Expression {
    const { source, stageTime, initial } = this.prepare(chain, place);
    let previous = source;
    for (let stage = 1; stage <= chain.order; stage += 1) {
      const name = this.nameHidden(`smooth ${stage}`, place);
      const change = binary("/", binary("-", previous, reference(name)), stageTime);
      this.hidden.push({ type: "stock", name, place, initial, change, nonNegative: false });
      previous = reference(name);
    }
    return previous;
  }

  /** DELAYn: n levels Lᵢ' = outᵢ₋₁ − outᵢ with outᵢ = Lᵢ / (T/n), starting at initial · T/n. */
  private materialDelay(chain: Chain, place: Place): Expression {
    const { source, stageTime, initial } = this.prepare(chain, place);
    let previous = source;
    for (let stage = 1; stage <= chain.order; stage += 1) {
      const name = this.nameHidden(`delay ${stage}`, place);
      const outflow = this.hoist(binary("/", reference(name), stageTime), "outflow", place);
      this.hidden.push({
        type: "stock",
        name,
        place,
        initial: binary("*", initial, stageTime),
        change: binary("-", previous, outflow),
        nonNegative: false,
      });
      previous = outflow;
    }
    return previous;
  }

  /** TREND: (x − A) / (A · T), 0 where A is 0, with A' = (x − A) / T and A(0) = x / (1 + initial · T). */
  private trend(
    input: Expression,
    time: Expression,
    initial: Expression,
    place: Place,
  ): Expression {
    const source = this.hoist(input, "input", place);
    const averagingTime = this.hoist(time, "time", place);
    const name = this.nameHidden("average", place);
    const gap = binary("-", source, reference(name));
    const start = binary("/", source, binary("+", number(1), binary("*", initial, averagingTime)));
    const change = binary("/", gap, averagingTime);
    this.hidden.push({ type: "stock", name, place, initial: start, change, nonNegative: false });
    return call("safediv", gap, binary("*", reference(name), averagingTime));
  }

  /** FORCST: x · (1 + TREND(x, T, initial) · horizon). */
  private forecast(found: Call, place: Place): Expression {
    const [input = number(0), time = number(0), horizon = number(0), initial] = found.arguments;
    const source = this.hoist(input, "input", place);
    const trend = this.trend(source, time, initial ?? number(0), place);
    return binary("*", source, binary("+", number(1), binary("*", trend, horizon)));
  }

  private prepare(
    chain: Chain,
    place: Place,
  ): { source: Expression; stageTime: Expression; initial: Expression } {
    const source = this.hoist(chain.input, "input", place);
    const divided = chain.order === 1 ? chain.time : binary("/", chain.time, number(chain.order));
    const stageTime = this.hoist(divided, "time", place);
    return { source, stageTime, initial: chain.initial ?? source };
  }

  private orderOf(found: Call, place: Place): number {
    const written = found.arguments[2];
    const order =
      written?.type === "number"
        ? written.value
        : written?.type === "reference"
          ? this.constantOf(written.name)
          : undefined;
    if (order === undefined || !Number.isInteger(order) || order < 1 || order > MAX_ORDER) {
      refuse(
        "invalid-model",
        place,
        `The order of ${found.name.toUpperCase()} must be a constant whole number, 1 to ${MAX_ORDER}`,
      );
    }
    return order;
  }

  /** Gives an expression a name of its own, so that its uses share one value. */
  private hoist(expression: Expression, what: string, place: Place): Expression {
    const simple = expression.type === "reference" || expression.type === "number";
    return simple ? expression : this.add({ type: "formula", formula: expression }, what, place);
  }

  private add(content: HiddenContent, what: string, place: Place): Expression {
    const name = this.nameHidden(what, place);
    this.hidden.push({ ...content, name, place });
    return reference(name);
  }

  private nameHidden(what: string, place: Place): string {
    return `${what} of ${place.variable ?? "the model"} (${this.hidden.length + 1})`;
  }
}

interface Chain {
  readonly input: Expression;
  readonly time: Expression;
  readonly order: number;
  readonly initial: Expression | undefined;
}

type HiddenContent = Quantity extends infer Kind
  ? Kind extends Quantity
    ? Omit<Kind, "name" | "place">
    : never
  : never;
