/** Tables whose columns stand still: fixed widths, least important columns left out first. */
import type { Line, Tone } from "../spans.ts";
import { cell, fitLine, selectedLine, span } from "../spans.ts";
import { windowStart } from "./pane.ts";

/** A column of a table. */
export interface TableColumn<Row> {
  readonly title: string;
  /** Columns of the screen; the widest text it must hold. */
  readonly width: number;
  readonly align?: "left" | "right";
  /** 1 stays longest. */
  readonly priority: number;
  /** Takes what room is left. */
  readonly grows?: boolean;
  text(row: Row): string;
  tone?(row: Row): Tone | undefined;
}

/** What a table is drawn from. */
export interface Table<Row> {
  readonly columns: readonly TableColumn<Row>[];
  readonly rows: readonly Row[];
  readonly selected: Row | undefined;
  readonly width: number;
  readonly height: number;
  /** Said instead of rows when there are none. */
  readonly empty: string;
  /** Whether the selected row is highlighted strongly. */
  readonly focused: boolean;
}

/** A table's head and the window of rows around the selected one. */
export function tableLines<Row>(table: Table<Row>): readonly Line[] {
  const { rows, selected, width, height } = table;
  if (rows.length === 0) return [[span(`  ${table.empty}`, "muted")]];
  const columns = fittingColumns(table.columns, width - 2);
  const head: Line = [
    span("  "),
    ...columns.map((column, at) =>
      span(gap(at) + cell(column.title, column.width, column.align), "muted"),
    ),
  ];
  const room = Math.max(1, height - 1);
  const at = selected === undefined ? 0 : Math.max(0, rows.indexOf(selected));
  const start = windowStart(at, rows.length, room);
  const body = rows.slice(start, start + room).map((row): Line => {
    const chosen = row === selected;
    const cells = columns.map((column, place) =>
      span(gap(place) + cell(column.text(row), column.width, column.align), column.tone?.(row)),
    );
    const line = fitLine([span(chosen ? "› " : "  ", "accent", true), ...cells], width);
    return chosen && table.focused ? selectedLine(line) : line;
  });
  return [head, ...body];
}

function gap(place: number): string {
  return place === 0 ? "" : "  ";
}

function fittingColumns<Row>(
  columns: readonly TableColumn<Row>[],
  width: number,
): readonly TableColumn<Row>[] {
  let kept = [...columns];
  const needed = (): number => kept.reduce((sum, column) => sum + column.width + 2, -2);
  while (kept.length > 1 && needed() > width) {
    const least = Math.max(...kept.map((column) => column.priority));
    kept = kept.filter((column) => column.priority !== least);
  }
  const spare = Math.max(0, width - needed());
  return kept.map((column) =>
    column.grows === true ? { ...column, width: column.width + spare } : column,
  );
}
