import type { Expression } from "./expression.ts";
import { number } from "./expression.ts";
import type { GraphicalFunction } from "./graph.ts";
import { canonicalName, displayName } from "./identifier.ts";
import type { Formula, Stock, Variable } from "./model.ts";
import { parseExpression } from "./parse-expression.ts";
import { refuse } from "./problem.ts";
import { readGraph } from "./read-graph.ts";
import type { XmlNode } from "./xml.ts";
import { childOf, childrenOf, textOf } from "./xml.ts";

/** Whether stocks and flows are non-negative unless they say otherwise. */
export interface Behavior {
  readonly stock: boolean;
  readonly flow: boolean;
}

/** What a variable's element holds: a variable, a function to be called, or both. */
export interface Declaration {
  readonly name: string;
  readonly label: string;
  readonly line: number;
  readonly variable?: Variable;
  readonly graph?: GraphicalFunction;
}

const MAX_NAME_LENGTH = 200;

/** Children that turn a variable into something this engine does not simulate. */
const NOT_SUPPORTED: Readonly<Record<string, string>> = {
  dimensions: "Arrays are",
  element: "Arrays are",
  conveyor: "Conveyors are",
  queue: "Queues are",
  oven: "Ovens are",
  leak: "Conveyors are",
  overflow: "Queues are",
};

/** Reads a `<stock>`, `<flow>`, `<aux>` or stand-alone `<gf>`. */
export function readDeclaration(node: XmlNode, behavior: Behavior): Declaration {
  const { name, label, line } = readName(node);
  refuseUnsupported(node, label);
  if (node.name === "gf") return { name, label, line, graph: readGraph(node, label) };
  const base = { name, label, line, ...describe(node) };
  if (node.name === "stock") {
    const nonNegative = isNonNegative(node, behavior.stock);
    return { name, label, line, variable: { ...base, ...readStock(node, label), nonNegative } };
  }
  const graphNode = childOf(node, "gf");
  const graph = graphNode === undefined ? undefined : readGraph(graphNode, label);
  if (graph !== undefined && equationNode(node) === undefined) return { name, label, line, graph };
  const nonNegative = node.name === "flow" && isNonNegative(node, behavior.flow);
  const variable = { ...base, ...readFormula(node, label, graph), nonNegative };
  return { name, label, line, variable, ...(graph === undefined ? {} : { graph }) };
}

function readName(node: XmlNode): { name: string; label: string; line: number } {
  const { line } = node;
  const written = node.attributes.get("name") ?? "";
  const name = canonicalName(written);
  const label = displayName(written);
  if (name === "") refuse("invalid-model", { line }, `A <${node.name}> has no name`);
  if (name.length > MAX_NAME_LENGTH) {
    refuse("too-large", { variable: label, line }, "The name has more than 200 characters");
  }
  if (name === "time") {
    refuse(
      "invalid-model",
      { variable: label, line },
      "The name `time` is taken by the simulated time",
      "Rename the variable.",
    );
  }
  return { name, label, line };
}

function refuseUnsupported(node: XmlNode, variable: string): void {
  for (const child of node.children) {
    const what = Object.hasOwn(NOT_SUPPORTED, child.name) ? NOT_SUPPORTED[child.name] : undefined;
    const empty = child.name === "dimensions" && child.children.length === 0;
    if (what === undefined || empty) continue;
    refuse(
      "not-supported",
      { variable, line: child.line },
      `${what} not supported`,
      "Express the variable with plain stocks, flows and auxiliaries.",
    );
  }
}

function describe(node: XmlNode): { unit?: string; doc?: string } {
  const unit = textOf(node, "units");
  const doc = textOf(node, "doc");
  return { ...(unit === undefined ? {} : { unit }), ...(doc === undefined ? {} : { doc }) };
}

function isNonNegative(node: XmlNode, byDefault: boolean): boolean {
  const child = childOf(node, "non_negative");
  return child === undefined ? byDefault : child.text.trim() !== "false";
}

function readStock(
  node: XmlNode,
  label: string,
): Pick<Stock, "kind" | "initial" | "inflows" | "outflows"> {
  const flowsOf = (which: string): readonly string[] =>
    childrenOf(node, which).map((child) => canonicalName(child.text));
  return {
    kind: "stock",
    initial: readEquation(node, label),
    inflows: flowsOf("inflow"),
    outflows: flowsOf("outflow"),
  };
}

function readFormula(
  node: XmlNode,
  label: string,
  graph: GraphicalFunction | undefined,
): Pick<Formula, "kind" | "formula"> {
  const kind = node.name === "flow" ? "flow" : "auxiliary";
  const input = readEquation(node, label);
  const formula: Expression = graph === undefined ? input : { type: "graph", graph, input };
  return { kind, formula };
}

function equationNode(node: XmlNode): XmlNode | undefined {
  const [first, second] = childrenOf(node, "eqn");
  if (second !== undefined) {
    const variable = displayName(node.attributes.get("name") ?? "");
    refuse("invalid-model", { variable, line: second.line }, "There is a second equation");
  }
  return first?.text.trim() === "" ? undefined : first;
}

function readEquation(node: XmlNode, variable: string): Expression {
  const equation = equationNode(node);
  if (equation === undefined) {
    refuse(
      "invalid-model",
      { variable, line: node.line },
      "There is no equation",
      "Give the variable an <eqn>.",
    );
  }
  const literal = equation.text.trim();
  if (/^\d+$/.test(literal)) return number(Number(literal)); // The most frequent equation.
  return parseExpression(equation.text, { variable, line: equation.line });
}
