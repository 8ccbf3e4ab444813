/** A line of text being edited; the cursor counts graphemes. */
export interface TextField {
  readonly before: string;
  readonly after: string;
}

/** Longest text a field takes. */
const MAXIMUM_LENGTH = 4000;

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** How a field can be edited. */
export type EditAction =
  | "edit-left"
  | "edit-right"
  | "edit-home"
  | "edit-end"
  | "edit-backspace"
  | "edit-delete"
  | "edit-clear"
  | "edit-word";

/** A field with the cursor at its end. */
export function fieldOf(text: string): TextField {
  return { before: text, after: "" };
}

/** The whole text. */
export function textOf(field: TextField): string {
  return field.before + field.after;
}

/** Puts typed or pasted text at the cursor, on one line. */
export function insertText(field: TextField, text: string): TextField {
  const line = text.replace(/[\r\n\t]+/g, " ");
  const room = MAXIMUM_LENGTH - textOf(field).length;
  return { before: field.before + line.slice(0, Math.max(0, room)), after: field.after };
}

/** Edits a field. */
export function editField(field: TextField, action: EditAction): TextField {
  const { before, after } = field;
  const left = lastGrapheme(before);
  const right = firstGrapheme(after);
  switch (action) {
    case "edit-left":
      return { before: before.slice(0, before.length - left.length), after: left + after };
    case "edit-right":
      return { before: before + right, after: after.slice(right.length) };
    case "edit-home":
      return { before: "", after: before + after };
    case "edit-end":
      return { before: before + after, after: "" };
    case "edit-backspace":
      return { before: before.slice(0, before.length - left.length), after };
    case "edit-delete":
      return { before, after: after.slice(right.length) };
    case "edit-clear":
      return { before: "", after };
    case "edit-word":
      return { before: before.trimEnd().replace(/\S+$/, ""), after };
  }
}

function firstGrapheme(text: string): string {
  for (const { segment } of graphemes.segment(text.slice(0, 64))) return segment;
  return "";
}

function lastGrapheme(text: string): string {
  let last = "";
  for (const { segment } of graphemes.segment(text.slice(-64))) last = segment;
  return last;
}
