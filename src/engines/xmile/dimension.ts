import { canonicalName, displayName } from "./identifier.ts";
import { refuse } from "./problem.ts";
import { readNumber } from "./read-number.ts";
import type { XmlNode } from "./xml.ts";
import { childOf, childrenOf } from "./xml.ts";

/** One of the places of a dimension. */
interface Element {
  readonly name: string;
  readonly label: string;
}

/** What arrays run over: named places in an order. */
export interface Dimension {
  readonly name: string;
  readonly label: string;
  readonly elements: readonly Element[];
}

/** The most elements of one dimension. */
const MAX_ELEMENTS = 5000;

/**
 * Reads the `<dimensions>` of a file: each with named elements, or with a size and elements that
 * are called 1, 2, 3 … Source: XMILE 1.0, section 2.5.
 */
export function readDimensions(root: XmlNode): ReadonlyMap<string, Dimension> {
  const dimensions = new Map<string, Dimension>();
  for (const node of childrenOf(childOf(root, "dimensions") ?? root, "dim")) {
    const label = displayName(node.attributes.get("name") ?? "");
    const name = canonicalName(label);
    if (name === "") refuse("invalid-model", { line: node.line }, "A dimension has no name");
    if (dimensions.has(name)) {
      refuse("invalid-model", { line: node.line }, `The dimension \`${label}\` is defined twice`);
    }
    dimensions.set(name, { name, label, elements: readElements(node, label) });
  }
  return dimensions;
}

function readElements(node: XmlNode, dimension: string): readonly Element[] {
  const named = childrenOf(node, "elem").map((elem) =>
    elementOf(elem.attributes.get("name") ?? ""),
  );
  if (named.length > 0) {
    refuseRepeated(named, node, dimension);
    return named;
  }
  const place = { line: node.line };
  const size = readNumber(node.attributes.get("size"), place, `the size of \`${dimension}\``);
  if (!Number.isInteger(size) || size < 1 || size > MAX_ELEMENTS) {
    refuse("invalid-model", place, `The dimension \`${dimension}\` cannot have ${size} elements`);
  }
  return Array.from({ length: size }, (_, index) => elementOf(String(index + 1)));
}

function elementOf(written: string): Element {
  return { name: canonicalName(written), label: displayName(written) };
}

function refuseRepeated(elements: readonly Element[], node: XmlNode, dimension: string): void {
  const seen = new Set<string>();
  for (const { name, label } of elements) {
    if (seen.has(name)) {
      refuse(
        "invalid-model",
        { line: node.line },
        `The dimension \`${dimension}\` has the element \`${label}\` twice`,
      );
    }
    seen.add(name);
  }
}

/** Where in the dimension an element of that name is, from 0; -1 where there is none. */
export function placeIn(dimension: Dimension, name: string): number {
  return dimension.elements.findIndex((element) => element.name === name);
}

/** Every combination of places, the last dimension running fastest. */
export function placesOf(sizes: readonly number[]): readonly (readonly number[])[] {
  return sizes.reduce<readonly (readonly number[])[]>(
    (places, size) =>
      places.flatMap((place) => Array.from({ length: size }, (_, index) => [...place, index])),
    [[]],
  );
}

/** `[a,b]` after the name of an array; nothing for a single value. */
export function elementSuffix(
  dimensions: readonly Dimension[],
  places: readonly number[],
  form: "name" | "label",
): string {
  if (dimensions.length === 0) return "";
  const parts = dimensions.map(({ elements }, axis) => elements[places[axis] ?? 0]?.[form] ?? "");
  return `[${parts.join(",")}]`;
}
