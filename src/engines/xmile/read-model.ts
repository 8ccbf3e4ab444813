import type { Result } from "../../base/result.ts";
import { compileProgram } from "./compile-program.ts";
import { readDimensions } from "./dimension.ts";
import { flatten } from "./flatten.ts";
import { canonicalName } from "./identifier.ts";
import type { Model, Variable } from "./model.ts";
import type { ModelProblem } from "./problem.ts";
import { attempt, refuse } from "./problem.ts";
import { readMacros } from "./read-macro.ts";
import { readFamilies } from "./read-modules.ts";
import { readSpecs, readTimeUnit } from "./read-specs.ts";
import type { World } from "./world.ts";
import type { XmlNode } from "./xml.ts";
import { childOf, childrenOf, readXml, textOf } from "./xml.ts";

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
  const body = mainModel(root);
  const dimensions = readDimensions(root);
  const world: World = { families: new Map(), dimensions, macros: readMacros(root, dimensions) };
  const families = readFamilies(root, body, world);
  const flat = flatten(world, families);
  if (flat.variables.length === 0) {
    refuse("invalid-model", { line: body.line }, "The model has no variables");
  }
  const specs = childOf(body, "sim_specs") ?? childOf(root, "sim_specs");
  const header = childOf(root, "header");
  return {
    title: (header === undefined ? undefined : textOf(header, "name")) ?? "Untitled model",
    timeUnit: readTimeUnit(specs),
    specs: readSpecs(specs),
    ...flat,
    highlights: highlightsOf(body, flat.variables),
  };
}

/** The model without a name, or else the first: all others are modules. */
function mainModel(root: XmlNode): XmlNode {
  const models = childrenOf(root, "model");
  const unnamed = models.find((model) => (model.attributes.get("name") ?? "").trim() === "");
  const main = unnamed ?? models[0];
  return main ?? refuse("invalid-model", { line: root.line }, "The file has no <model>");
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
