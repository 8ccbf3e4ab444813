import type { CourseTable } from "./simulate.ts";

/** Rows in one piece of text: bounds the memory a long table takes. */
const ROWS_PER_PIECE = 500;

/** A column as text tables show it. */
export interface CsvColumn {
  readonly label: string;
  readonly values: ArrayLike<number>;
}

/**
 * The table as CSV, in pieces of whole lines without the last line break: a header of `time` and
 * the variables' own names, then a row for each saved time.
 */
export function* csvRows({ time, columns }: CourseTable): Generator<string> {
  const all = [{ label: "time", values: time }, ...columns];
  yield csvHeader(all);
  yield* csvLines(all);
}

/** The names of columns as the first line of a CSV table. */
export function csvHeader(columns: readonly Pick<CsvColumn, "label">[]): string {
  return columns.map(({ label }) => quoted(label)).join(",");
}

/** Rows as CSV, in pieces. Numbers have the fewest digits that read back as the same number. */
export function* csvLines(columns: readonly CsvColumn[]): Generator<string> {
  const count = columns[0]?.values.length ?? 0;
  for (let first = 0; first < count; first += ROWS_PER_PIECE) {
    const rows: string[] = [];
    for (let row = first; row < Math.min(first + ROWS_PER_PIECE, count); row += 1) {
      rows.push(columns.map(({ values }) => values[row]).join(","));
    }
    yield rows.join("\n");
  }
}

/** RFC 4180: quotes around what holds a comma, a quote or a line break. */
function quoted(name: string): string {
  return /[",\r\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
}
