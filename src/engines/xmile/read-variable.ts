import type { Content, Declaration } from "./declaration.ts";
import type { Dimension } from "./dimension.ts";
import { elementSuffix, placeIn, placesOf } from "./dimension.ts";
import type { Expression } from "./expression.ts";
import { number } from "./expression.ts";
import { canonicalName, canonicalPath, didYouMean, displayName } from "./identifier.ts";
import { parseExpression, parseList } from "./parse-expression.ts";
import type { Place } from "./problem.ts";
import { refuse } from "./problem.ts";
import { readGraph } from "./read-graph.ts";
import type { XmlNode } from "./xml.ts";
import { childOf, childrenOf, textOf } from "./xml.ts";

/** Whether stocks and flows are non-negative unless they say otherwise. */
export interface Behavior {
  readonly stock: boolean;
  readonly flow: boolean;
}

const MAX_NAME_LENGTH = 500;

/** The most elements one array may have. */
const MAX_ELEMENTS = 20_000;

/** Children that turn a variable into something this engine does not simulate. */
const NOT_SUPPORTED: Readonly<Record<string, string>> = {
  conveyor: "Conveyors are",
  queue: "Queues are",
  oven: "Ovens are",
  leak: "Conveyors are",
  overflow: "Queues are",
};

/** The names of the elements that declare a variable. */
const KINDS: Readonly<Record<string, Declaration["kind"]>> = {
  stock: "stock",
  flow: "flow",
  aux: "auxiliary",
  gf: "graph",
};

/** Whether an element declares a variable or a graphical function. */
export function isVariable(node: XmlNode): boolean {
  return Object.hasOwn(KINDS, node.name);
}

/** Reads a `<stock>`, `<flow>`, `<aux>` or stand-alone `<gf>`. */
export function readDeclaration(
  node: XmlNode,
  behavior: Behavior,
  known: ReadonlyMap<string, Dimension>,
): Declaration {
  const { name, label, line } = readName(node);
  refuseUnsupported(node, label);
  const kind = KINDS[node.name] ?? "auxiliary";
  const dimensions = readShape(node, label, known);
  const base = { name, label, line, kind, dimensions, ...describe(node) };
  const flowsOf = (which: string): readonly string[] =>
    childrenOf(node, which).map((child) => canonicalPath(child.text.trim()));
  const byDefault = kind === "stock" ? behavior.stock : kind === "flow" && behavior.flow;
  return {
    ...base,
    nonNegative: (kind === "stock" || kind === "flow") && isNonNegative(node, byDefault),
    ...readContents(node, base),
    inflows: flowsOf("inflow"),
    outflows: flowsOf("outflow"),
  };
}

function readName(node: XmlNode): { name: string; label: string; line: number } {
  const { line } = node;
  const written = node.attributes.get("name") ?? "";
  const name = canonicalName(written);
  const label = displayName(written);
  if (name === "") refuse("invalid-model", { line }, `A <${node.name}> has no name`);
  if (name.length > MAX_NAME_LENGTH) {
    refuse(
      "too-large",
      { variable: label, line },
      `The name has more than ${MAX_NAME_LENGTH} characters`,
    );
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
    if (what === undefined) continue;
    refuse(
      "not-supported",
      { variable, line: child.line },
      `${what} not supported`,
      "Express the variable with plain stocks, flows and auxiliaries.",
    );
  }
}

function readShape(
  node: XmlNode,
  variable: string,
  known: ReadonlyMap<string, Dimension>,
): readonly Dimension[] {
  const shape = childOf(node, "dimensions");
  if (shape === undefined) return [];
  const dimensions = childrenOf(shape, "dim").map((child) => {
    const name = canonicalName(child.attributes.get("name") ?? "");
    return (
      known.get(name) ??
      refuse(
        "invalid-model",
        { variable, line: child.line },
        `The dimension \`${name}\` is not defined.${didYouMean(name, known.keys())}`,
        "Define it in <dimensions>.",
      )
    );
  });
  const count = dimensions.reduce((product, { elements }) => product * elements.length, 1);
  if (count > MAX_ELEMENTS) {
    refuse("too-large", { variable, line: node.line }, `The array has ${count} elements`);
  }
  return dimensions;
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

type Shape = Pick<Declaration, "label" | "line" | "kind" | "dimensions">;

function readContents(node: XmlNode, shape: Shape): Pick<Declaration, "content" | "elements"> {
  const own = readContent(node, shape.label);
  const elements = new Map<string, Content>(listedElements(node, shape));
  for (const child of childrenOf(node, "element")) {
    const suffix = suffixOf(child, shape);
    if (elements.has(suffix)) {
      refuse(
        "invalid-model",
        { variable: shape.label, line: child.line },
        `The element ${suffix} has a second equation`,
      );
    }
    elements.set(suffix, readContent(child, shape.label));
  }
  return { content: own, elements };
}

function readContent(node: XmlNode, variable: string): Content {
  const graphNode = node.name === "gf" ? node : childOf(node, "gf");
  const graph = graphNode === undefined ? undefined : readGraph(graphNode, variable);
  const list = equationNodes(node).flatMap((each) =>
    readEquations(each, { variable, line: each.line }),
  );
  const equation = list.length === 1 ? list[0] : undefined; // Else `listedElements` has them.
  return {
    ...(equation === undefined ? {} : { equation }),
    ...(graph === undefined ? {} : { graph }),
  };
}

/** Equations of all elements in one list: several `<eqn>`, or one with commas between. */
function listedElements(
  node: XmlNode,
  { label, dimensions }: Shape,
): readonly (readonly [string, Content])[] {
  const nodes = equationNodes(node);
  const list = nodes.flatMap((each) => readEquations(each, { variable: label, line: each.line }));
  if (list.length < 2) return [];
  const places = placesOf(dimensions.map(({ elements }) => elements.length));
  const place = { variable: label, line: nodes[0]?.line };
  if (dimensions.length === 0) {
    const second = nodes[1];
    if (second === undefined) refuse("invalid-model", place, "The equation has more than one part");
    refuse("invalid-model", { ...place, line: second.line }, "There is a second equation");
  }
  if (list.length !== places.length) {
    refuse(
      "invalid-model",
      place,
      `There are ${list.length} equations for the ${places.length} elements of the array`,
    );
  }
  return places.map((at, index) => {
    const equation = list[index] ?? number(0);
    return [elementSuffix(dimensions, at, "name"), { equation }] as const;
  });
}

function suffixOf(node: XmlNode, { label, dimensions }: Shape): string {
  const place = { variable: label, line: node.line };
  const written = node.attributes.get("subscript") ?? "";
  const parts = written.split(",").map((part) => part.trim());
  if (dimensions.length === 0) {
    refuse("invalid-model", place, "An <element> is given, but the variable has no <dimensions>");
  }
  if (parts.length !== dimensions.length) {
    refuse(
      "invalid-model",
      place,
      `The subscript [${written}] has ${parts.length} parts for ${dimensions.length} dimensions`,
    );
  }
  const at = dimensions.map((dimension, axis) => {
    const part = parts[axis] ?? "";
    const found = placeIn(dimension, canonicalName(part));
    if (found >= 0) return found;
    const names = dimension.elements.map(({ name }) => name);
    return refuse(
      "invalid-model",
      place,
      `\`${part}\` is no element of the dimension \`${dimension.label}\`.` +
        didYouMean(canonicalName(part), names),
    );
  });
  return elementSuffix(dimensions, at, "name");
}

function equationNodes(node: XmlNode): readonly XmlNode[] {
  return childrenOf(node, "eqn").filter(
    ({ text }) => text.replaceAll(/\{[^}]*\}/gu, "").trim() !== "",
  );
}

/** The equations of one `<eqn>`: more than one where it is a list for an array. */
function readEquations(node: XmlNode, place: Place): readonly Expression[] {
  const literal = node.text.trim();
  if (/^\d+$/.test(literal)) return [number(Number(literal))]; // The most frequent equation.
  if (!/[,;]/.test(literal)) return [parseExpression(node.text, place)];
  return parseList(node.text, place);
}
