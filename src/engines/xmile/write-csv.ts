import type { CourseTable } from "./simulate.ts";

/** Rows in one piece of text: bounds the memory a long table takes. */
const ROWS_PER_PIECE = 500;

/**
 * The table as CSV, in pieces of whole lines without the last line break: a header of `time` and
 * the variables' own names, then a row for each saved time. Numbers have the fewest digits that
 * read back as the same number.
 */
export function* csvRows(table: CourseTable): Generator<string> {
  const { time, columns } = table;
  yield ["time", ...columns.map(({ label }) => quoted(label))].join(",");
  for (let first = 0; first < time.length; first += ROWS_PER_PIECE) {
    const rows: string[] = [];
    for (let row = first; row < Math.min(first + ROWS_PER_PIECE, time.length); row += 1) {
      rows.push([time[row], ...columns.map(({ values }) => values[row])].join(","));
    }
    yield rows.join("\n");
  }
}

/** RFC 4180: quotes around what holds a comma, a quote or a line break. */
function quoted(name: string): string {
  return /[",\r\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
}
