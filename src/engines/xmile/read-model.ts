import type { Result } from "../../base/result.ts";
import { compileProgram } from "./compile-program.ts";
import type { GraphicalFunction } from "./graph.ts";
import { canonicalName, displayName } from "./identifier.ts";
import type { Model, Variable } from "./model.ts";
import type { ModelProblem } from "./problem.ts";
import { attempt, refuse } from "./problem.ts";
import { readSpecs, readTimeUnit } from "./read-specs.ts";
import type { Behavior, Declaration } from "./read-variable.ts";
import { readDeclaration } from "./read-variable.ts";
import type { XmlNode } from "./xml.ts";
import { childOf, childrenOf, readXml, textOf } from "./xml.ts";

/** The most variables a model may have. */
const MAX_VARIABLES = 5000;
const MAX_HIGHLIGHTS = 20;
const MAX_STOCKS_SHOWN_FIRST = 8;

/**
 * Reads an XMILE model and checks it whole: names, functions, and that the equations can be put in
 * an order. A model that is returned can be simulated.
 */
export function readModel(text: string): Result<Model, ModelProblem> {
  return attempt(() => {
    const model = modelOf(readXml(text));
    compileProgram(model);
    return model;
  });
}

function modelOf(root: XmlNode): Model {
  if (root.name !== "xmile") {
    refuse(
      "malformed",
      { line: root.line },
      `The root element is <${root.name.slice(0, 40)}>, not <xmile>`,
      "Give an XMILE file (.xmile or .stmx).",
    );
  }
  const body = onlyModel(root);
  const declarations = readDeclarations(body, behaviorOf(root, body));
  const variables = declarations.flatMap(({ variable }) => (variable ? [variable] : []));
  if (variables.length === 0) {
    refuse("invalid-model", { line: body.line }, "The model has no variables");
  }
  const specs = childOf(body, "sim_specs") ?? childOf(root, "sim_specs");
  const header = childOf(root, "header");
  return {
    title: (header === undefined ? undefined : textOf(header, "name")) ?? "Untitled model",
    timeUnit: readTimeUnit(specs),
    specs: readSpecs(specs),
    variables,
    graphs: graphsOf(declarations),
    macros: macrosOf(root),
    highlights: highlightsOf(body, variables),
  };
}

function onlyModel(root: XmlNode): XmlNode {
  const [model, second] = childrenOf(root, "model");
  if (model === undefined) {
    return refuse("invalid-model", { line: root.line }, "The file has no <model>");
  }
  if (second !== undefined) refuseModules(second, "the file has a second <model>");
  return model;
}

function refuseModules(node: XmlNode, reason: string): never {
  const variable = displayName(node.attributes.get("name") ?? "");
  return refuse(
    "not-supported",
    variable === "" ? { line: node.line } : { variable, line: node.line },
    `Modules are not supported: ${reason}`,
    "Bring the module's variables into the main model.",
  );
}

function readDeclarations(body: XmlNode, behavior: Behavior): readonly Declaration[] {
  // Files from before XMILE 1.0 have the variables in the model itself.
  const container = childOf(body, "variables") ?? body;
  const declarations = new Map<string, Declaration>();
  for (const node of container.children) {
    if (node.name === "module") refuseModules(node, "a variable is a module");
    if (!["stock", "flow", "aux", "gf"].includes(node.name)) continue;
    const declaration = readDeclaration(node, behavior);
    const earlier = declarations.get(declaration.name);
    if (earlier !== undefined) refuseDuplicate(declaration, earlier);
    declarations.set(declaration.name, declaration);
    if (declarations.size > MAX_VARIABLES) {
      refuse("too-large", {}, `The model has more than ${MAX_VARIABLES} variables`);
    }
  }
  return [...declarations.values()];
}

function refuseDuplicate(declaration: Declaration, earlier: Declaration): never {
  return refuse(
    "invalid-model",
    { variable: declaration.label, line: declaration.line },
    `The variable is defined twice, first on line ${earlier.line}`,
    "Remove or rename one; upper and lower case, spaces and underscores make no difference.",
  );
}

function graphsOf(declarations: readonly Declaration[]): ReadonlyMap<string, GraphicalFunction> {
  const graphs = declarations.flatMap(({ name, graph }) =>
    graph === undefined ? [] : [[name, graph] as const],
  );
  return new Map(graphs);
}

function macrosOf(root: XmlNode): ReadonlySet<string> {
  const names = childrenOf(root, "macro").map((macro) => macro.attributes.get("name") ?? "");
  return new Set(names.map(canonicalName));
}

/** `<behavior>` of the model, or else of the file, makes stocks or flows non-negative. */
function behaviorOf(root: XmlNode, body: XmlNode): Behavior {
  const behavior = childOf(body, "behavior") ?? childOf(root, "behavior");
  const says = (node: XmlNode | undefined): boolean | undefined => {
    const child = node === undefined ? undefined : childOf(node, "non_negative");
    return child === undefined ? undefined : child.text.trim() !== "false";
  };
  const all = says(behavior) ?? false;
  const of = (kind: string): boolean =>
    says(behavior === undefined ? undefined : childOf(behavior, kind)) ?? all;
  return { stock: of("stock"), flow: of("flow") };
}

/**
 * What the file's first graphs plot (`<graph><plot><entity name>`) is what its author wants seen;
 * a file without graphs shows its stocks, and one without stocks its first flows and auxiliaries.
 */
function highlightsOf(body: XmlNode, variables: readonly Variable[]): readonly string[] {
  const known = new Set(variables.map(({ name }) => name));
  const views = childOf(body, "views")?.children ?? [];
  const plotted = views
    .flatMap((view) => childrenOf(view, "graph"))
    .flatMap((graph) => childrenOf(graph, "plot"))
    .flatMap((plot) => childrenOf(plot, "entity"))
    .map((entity) => canonicalName(entity.attributes.get("name") ?? ""));
  const shown = [...new Set(plotted)].filter((name) => known.has(name));
  if (shown.length > 0) return shown.slice(0, MAX_HIGHLIGHTS);
  const ofKind = (kind: Variable["kind"]): readonly string[] =>
    variables.filter((variable) => variable.kind === kind).map(({ name }) => name);
  const stocks = ofKind("stock");
  const first = stocks.length > 0 ? stocks : [...ofKind("flow"), ...ofKind("auxiliary")];
  return first.slice(0, MAX_STOCKS_SHOWN_FIRST);
}
