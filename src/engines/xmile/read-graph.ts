import type { GraphicalFunction, GraphKind } from "./graph.ts";
import type { Place } from "./problem.ts";
import { refuse } from "./problem.ts";
import { readNumber } from "./read-number.ts";
import type { XmlNode } from "./xml.ts";
import { childOf } from "./xml.ts";

const KINDS: readonly GraphKind[] = ["continuous", "extrapolate", "discrete"];

/**
 * Reads a `<gf>`: points from `<ypts>`, and `<xpts>` or an evenly divided `<xscale>`; numbers are
 * separated by commas or by the text of the `sep` attribute. Source: XMILE 1.0, section 4.1.4.
 */
export function readGraph(node: XmlNode, variable: string): GraphicalFunction {
  const place = { variable, line: node.line };
  const ys = readPoints(childOf(node, "ypts"), place, "ypts");
  if (ys === undefined) {
    return refuse("invalid-model", place, "The graphical function has no <ypts>");
  }
  const xs = readPoints(childOf(node, "xpts"), place, "xpts") ?? spread(node, ys.length, place);
  if (xs.length !== ys.length) {
    refuse(
      "invalid-model",
      place,
      `The graphical function has ${xs.length} x points and ${ys.length} y points`,
      "Give every point an x and a y.",
    );
  }
  const falling = xs.findIndex((x, index) => index > 0 && x < (xs[index - 1] ?? x));
  if (falling !== -1) {
    refuse("invalid-model", place, `The x points are not in ascending order at ${xs[falling]}`);
  }
  return { kind: readKind(node, place), xs: Float64Array.from(xs), ys: Float64Array.from(ys) };
}

function readKind(node: XmlNode, place: Place): GraphKind {
  const written = node.attributes.get("type")?.trim().toLowerCase();
  if (written === undefined) {
    // Files from before XMILE 1.0 say discrete="true".
    return node.attributes.get("discrete")?.trim() === "true" ? "discrete" : "continuous";
  }
  const kind = KINDS.find((known) => known === written);
  return (
    kind ??
    refuse(
      "invalid-model",
      place,
      `The graphical function has the unknown type \`${written}\``,
      `Use one of ${KINDS.join(", ")}.`,
    )
  );
}

function readPoints(
  node: XmlNode | undefined,
  place: Place,
  what: string,
): readonly number[] | undefined {
  if (node === undefined) return undefined;
  const separator = node.attributes.get("sep") ?? ",";
  const parts = node.text.split(separator === "" ? "," : separator).map((part) => part.trim());
  if (parts.at(-1) === "") parts.pop(); // A trailing separator ends the list.
  if (parts.length === 0) refuse("invalid-model", place, `The list <${what}> is empty`);
  return parts.map((part) => readNumber(part, place, `<${what}>`));
}

/** Divides `<xscale min max>` evenly, one x for each y. */
function spread(node: XmlNode, count: number, place: Place): readonly number[] {
  const scale = childOf(node, "xscale");
  if (scale === undefined) {
    return refuse("invalid-model", place, "The graphical function has neither <xpts> nor <xscale>");
  }
  const minimum = readNumber(scale.attributes.get("min"), place, "the minimum of <xscale>");
  const maximum = readNumber(scale.attributes.get("max"), place, "the maximum of <xscale>");
  if (count === 1) return [minimum];
  return Array.from(
    { length: count },
    (_, index) => minimum + ((maximum - minimum) * index) / (count - 1),
  );
}
