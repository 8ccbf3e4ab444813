/** Reads the models of a file into one world: the main model, and the modules in it. */
import { connectFamily, registerFamilies } from "./flatten.ts";
import { canonicalName, canonicalPath, didYouMean, displayName } from "./identifier.ts";
import { refuse } from "./problem.ts";
import type { Behavior } from "./read-variable.ts";
import { isVariable, readDeclaration } from "./read-variable.ts";
import type { Family, World } from "./world.ts";
import type { XmlNode } from "./xml.ts";
import { childOf, childrenOf } from "./xml.ts";

/** The deepest nesting of modules in modules. */
const MAX_MODULE_DEPTH = 20;
const MAX_FAMILIES = 20_000;

interface Connection {
  /** What the input may be called, the likeliest first. */
  readonly targets: readonly [string, string];
  readonly source: string;
  readonly place: { readonly variable: string; readonly line: number };
}

interface Reading {
  readonly world: World;
  readonly root: XmlNode;
  readonly models: ReadonlyMap<string, XmlNode>;
  readonly connections: Connection[];
  readonly names: string[];
}

/** Makes every variable of the file known, modules and their connections included, in order. */
export function readFamilies(root: XmlNode, main: XmlNode, world: World): readonly Family[] {
  const others = childrenOf(root, "model").filter((model) => model !== main);
  const models = new Map(
    others.map((model) => [canonicalName(model.attributes.get("name") ?? ""), model]),
  );
  const reading: Reading = { world, root, models, connections: [], names: [] };
  readBody(main, { path: "", pathLabel: "" }, 0, reading);
  for (const { targets, source, place } of reading.connections) {
    const target = targets.find((name) => world.families.has(name)) ?? targets[0];
    connectFamily(world, target, resolveSource(source, place, world), place);
  }
  return reading.names.flatMap((name) => world.families.get(name) ?? []);
}

function readBody(
  body: XmlNode,
  at: Pick<Family, "path" | "pathLabel">,
  depth: number,
  reading: Reading,
): void {
  const { world, root, names } = reading;
  const behavior = behaviorOf(root, body);
  // Files from before XMILE 1.0 have the variables in the model itself.
  const container = childOf(body, "variables") ?? body;
  for (const node of container.children) {
    if (node.name === "module") readModule(node, at, depth, reading);
    if (!isVariable(node)) continue;
    const declaration = readDeclaration(node, behavior, world.dimensions);
    for (const { name } of registerFamilies(world, [declaration], at)) names.push(name);
    if (names.length > MAX_FAMILIES) {
      refuse("too-large", {}, `The model has more than ${MAX_FAMILIES} variables`);
    }
  }
}

function readModule(
  node: XmlNode,
  { path, pathLabel }: Pick<Family, "path" | "pathLabel">,
  depth: number,
  reading: Reading,
): void {
  const label = displayName(node.attributes.get("name") ?? "");
  const name = canonicalName(label);
  const place = { variable: `${pathLabel}${label}`, line: node.line };
  if (name === "") refuse("invalid-model", { line: node.line }, "A <module> has no name");
  if (node.attributes.has("resource")) {
    refuse("not-supported", place, "Modules in files of their own are not supported");
  }
  if (depth >= MAX_MODULE_DEPTH) {
    refuse("invalid-model", place, "The modules are nested too deeply, or a module holds itself");
  }
  const model = reading.models.get(name) ?? refuseModule(place, label, reading);
  const inner = `${path}${name}.`;
  readBody(model, { path: inner, pathLabel: `${pathLabel}${label}.` }, depth + 1, reading);
  for (const connect of childrenOf(node, "connect")) {
    const from = canonicalPath(connect.attributes.get("from") ?? "");
    reading.connections.push({
      targets: targetsOf(canonicalPath(connect.attributes.get("to") ?? ""), path, name),
      source: from.startsWith(".") ? from : `${path}${from}`,
      place: { variable: place.variable, line: connect.line },
    });
  }
}

/** Some tools say at the giving module too, or only there, what a variable elsewhere takes. */
function targetsOf(written: string, path: string, name: string): readonly [string, string] {
  const to = written.replace(/^\./, "");
  const inner = `${path}${name}.${to}`;
  const outer = `${path}${to}`;
  const meansOuter = to !== written || to.startsWith(`${name}.`);
  return meansOuter ? [outer, inner] : [inner, outer];
}

function refuseModule(place: Connection["place"], label: string, { models }: Reading): never {
  return refuse(
    "invalid-model",
    place,
    `The file has no <model> named \`${label}\` for the module.` +
      didYouMean(canonicalName(label), models.keys()),
  );
}

/** A leading dot means the whole model, or the model the module stands in. */
function resolveSource(source: string, place: Connection["place"], { families }: World): string {
  if (!source.startsWith(".")) return source;
  const bare = source.slice(1);
  if (families.has(bare)) return bare;
  const labels = place.variable.split(".").slice(0, -1).map(canonicalName);
  const near = [...labels, bare].join(".");
  return families.has(near) ? near : bare;
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
