import type { Declaration } from "./declaration.ts";
import type { Dimension } from "./dimension.ts";
import type { Expression } from "./expression.ts";
import { canonicalName, displayName } from "./identifier.ts";
import { parseExpression } from "./parse-expression.ts";
import type { Place } from "./problem.ts";
import { refuse } from "./problem.ts";
import { isVariable, readDeclaration } from "./read-variable.ts";
import type { XmlNode } from "./xml.ts";
import { childOf, childrenOf } from "./xml.ts";

/** A function that a file defines by equations, with variables of its own or without. */
export interface Macro {
  readonly name: string;
  readonly label: string;
  readonly line: number;
  readonly parameters: readonly MacroParameter[];
  readonly result: Expression;
  readonly declarations: readonly Declaration[];
}

interface MacroParameter {
  readonly name: string;
  /** What it stands for where a call leaves it out. */
  readonly otherwise?: Expression;
}

/**
 * Reads the `<macro>` elements of a file; one in a namespace is known with and without it.
 * Source: XMILE 1.0, section 4.8.
 */
export function readMacros(
  root: XmlNode,
  dimensions: ReadonlyMap<string, Dimension>,
): ReadonlyMap<string, Macro> {
  const macros = new Map<string, Macro>();
  for (const node of childrenOf(root, "macro")) {
    const macro = readMacro(node, dimensions);
    if (macros.has(macro.name)) {
      refuse(
        "invalid-model",
        { line: macro.line },
        `The macro \`${macro.label}\` is defined twice`,
      );
    }
    macros.set(macro.name, macro);
    const namespace = canonicalName(node.attributes.get("namespace") ?? "");
    if (namespace !== "") macros.set(`${namespace}.${macro.name}`, macro);
  }
  return macros;
}

function readMacro(node: XmlNode, dimensions: ReadonlyMap<string, Dimension>): Macro {
  const label = displayName(node.attributes.get("name") ?? "");
  const place = { variable: `macro ${label}`, line: node.line };
  if (label === "") refuse("invalid-model", { line: node.line }, "A macro has no name");
  if (childOf(node, "sim_specs") !== undefined) {
    refuse("not-supported", place, "Macros with a <sim_specs> of their own are not supported");
  }
  const equation = childOf(node, "eqn");
  if (equation === undefined) return refuse("invalid-model", place, "The macro has no <eqn>");
  const variables = childOf(node, "variables")?.children.filter(isVariable) ?? [];
  return {
    name: canonicalName(label),
    label,
    line: node.line,
    parameters: childrenOf(node, "parm").map((parm) => readParameter(parm, place)),
    result: parseExpression(equation.text, { ...place, line: equation.line }),
    declarations: variables.map((variable) =>
      readDeclaration(variable, { stock: false, flow: false }, dimensions),
    ),
  };
}

function readParameter(node: XmlNode, place: Place): MacroParameter {
  const name = canonicalName(node.text);
  const written = node.attributes.get("default");
  if (name === "") refuse("invalid-model", { ...place, line: node.line }, "A <parm> has no name");
  return {
    name,
    ...(written === undefined
      ? {}
      : { otherwise: parseExpression(written, { ...place, line: node.line }) }),
  };
}
