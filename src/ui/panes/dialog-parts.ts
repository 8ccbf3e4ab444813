/** Lines that several dialogs are made of. */
import type { TextField } from "../model/text-field.ts";
import type { Line } from "../spans.ts";
import { cell, span, widthOf } from "../spans.ts";

/** The keys a dialog takes, with what they do. */
export function keysLine(keys: readonly (readonly [string, string])[]): Line {
  return keys.flatMap(([key, label]) => [
    span(key, "accent", true),
    span(` ${label}    `, "muted"),
  ]);
}

/** A text being edited, its end in view while it is active. */
export function fieldLine(field: TextField, width: number, active: boolean): Line {
  if (!active) return [span(cell(field.before + field.after, width))];
  const room = Math.max(1, width - 3);
  let { before } = field;
  while (widthOf(before) > room) before = before.slice(Math.max(1, Math.floor(before.length / 8)));
  const [next = " "] = field.after;
  return [
    span("› ", "accent", true),
    span(before),
    { text: next, inverse: true },
    span(field.after.slice(next.length)),
  ];
}
