import type { ReactNode } from "react";
import { SMALLEST } from "../layout.ts";
import { cell, span, widthOf } from "../spans.ts";
import { Rows } from "./rows.tsx";
import { useRuntime } from "./runtime.ts";

/** Asks for a larger terminal; says how large it is and how large it must be. */
export function TooSmall(): ReactNode {
  const { size } = useRuntime();
  const said = [
    "A little more room, please.",
    `now  ${size.columns}×${size.rows}`,
    `need ${SMALLEST.columns}×${SMALLEST.rows}`,
  ];
  const top = Math.max(0, Math.floor((size.rows - said.length) / 2));
  const lines = said.map((text) => [
    span(cell("", Math.max(0, Math.floor((size.columns - widthOf(text)) / 2)))),
    span(text),
  ]);
  const blank = Array.from({ length: top }, () => []);
  return (
    <Rows
      rect={{ x: 0, y: 0, width: size.columns, height: size.rows }}
      lines={[...blank, ...lines]}
    />
  );
}
