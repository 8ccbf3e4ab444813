import { parseXml, XmlElement, XmlError, XmlText } from "@rgrove/parse-xml";
import { refuse } from "./problem.ts";

/** An element of the model's text: names in lower case, entities resolved, comments gone. */
export interface XmlNode {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlNode[];
  /** The element's own text, without that of its children. */
  readonly text: string;
  /** The line on which it starts, from 1. */
  readonly line: number;
}

/** The longest model text that is read, in characters: a thousand pages of equations. */
const MAX_TEXT_LENGTH = 2_000_000;

/** Far more nesting than any XMILE element has; bounds the recursion below. */
const MAX_DEPTH = 64;

/** Parses XML into elements that know their line. Refuses what is too large, deep or malformed. */
export function readXml(text: string): XmlNode {
  if (text.length > MAX_TEXT_LENGTH) {
    refuse(
      "too-large",
      {},
      `The model has ${text.length} characters; at most ${MAX_TEXT_LENGTH} are read`,
      "Split the model, or remove its views.",
    );
  }
  // One kind of line break, since the parser's own normalisation takes quadratic time.
  const normalised = text.replaceAll(/\r\n?/g, "\n");
  const root = parse(normalised);
  const lineOf = lineFinder(normalised);
  return convert(root, lineOf, 0);
}

function parse(text: string): XmlElement {
  try {
    const { root } = parseXml(text, { includeOffsets: true });
    if (root !== null) return root;
  } catch (thrown) {
    if (thrown instanceof XmlError) {
      const [said = "unreadable"] = thrown.message.split("\n");
      const reason = said.replace(/ \(line \d+, column \d+\)$/, ""); // The refusal tells the line.
      refuse("malformed", { line: thrown.line }, `The model is not well-formed XML: ${reason}`);
    }
    if (thrown instanceof RangeError) refuseDepth(); // The parser ran out of stack.
    throw thrown;
  }
  return refuse("malformed", {}, "The model's XML has no root element");
}

function refuseDepth(line?: number): never {
  return refuse("malformed", { line }, "The model's XML is nested too deeply");
}

function convert(element: XmlElement, lineOf: (offset: number) => number, depth: number): XmlNode {
  const line = lineOf(element.start);
  if (depth > MAX_DEPTH) refuseDepth(line);
  const children: XmlNode[] = [];
  let text = "";
  for (const child of element.children) {
    if (child instanceof XmlElement) children.push(convert(child, lineOf, depth + 1));
    else if (child instanceof XmlText) text += child.text;
  }
  const attributes = Object.entries(element.attributes).map(
    ([name, value]) => [name.toLowerCase(), value] as const,
  );
  return {
    name: element.name.toLowerCase(),
    attributes: new Map(attributes),
    children,
    text,
    line,
  };
}

/** Finds the line of an offset by bisection in the list of line starts. */
function lineFinder(text: string): (offset: number) => number {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  };
}

/** The first child called `name`. */
export function childOf(node: XmlNode, name: string): XmlNode | undefined {
  return node.children.find((child) => child.name === name);
}

/** All children called `name`. */
export function childrenOf(node: XmlNode, name: string): readonly XmlNode[] {
  return node.children.filter((child) => child.name === name);
}

/** The text of the first child called `name` with white space collapsed; absent when empty. */
export function textOf(node: XmlNode, name: string): string | undefined {
  const text = childOf(node, name)?.text.replaceAll(/\s+/gu, " ").trim();
  return text === "" ? undefined : text;
}
