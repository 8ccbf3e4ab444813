/**
 * Reads what a program prints as a table, piece by piece.
 *
 * R1 Memory is bounded: a line and the number of values have an upper limit.
 * R2 Every value is a finite number; times go up.
 */
import type { Result } from "../../base/result.ts";
import { err, ok } from "../../base/result.ts";
import type { Failure } from "../../protocol/failure.ts";
import { canonicalName } from "../xmile/identifier.ts";

/** The columns a program printed; `time` is one of them. */
export type Columns = ReadonlyMap<string, readonly number[]>;

/** Takes a program's output as it comes; the first failure is final. */
export interface RowReader {
  push(text: string): Failure | undefined;
  /** The table, once the output has ended. */
  finish(): Result<Columns, Failure>;
}

const MAX_LINE = 1_000_000;
const MAX_COLUMNS = 1000;
const MAX_VALUES = 20_000_000;

/** A reader of CSV with a header, or of one JSON object in each line. */
export function createRowReader(form: "csv" | "jsonl"): RowReader {
  const table = createTable(form);
  let rest = "";
  let failure: Failure | undefined;
  return {
    push(text) {
      if (failure !== undefined) return failure;
      const lines = `${rest}${text}`.split("\n");
      rest = lines.pop() ?? "";
      if (rest.length > MAX_LINE) lines.push(rest); // R1: refused below.
      for (const line of lines) {
        failure ??= table.addLine(line);
      }
      return failure;
    },
    finish() {
      failure ??= rest === "" ? undefined : table.addLine(rest);
      return failure === undefined ? table.end() : err(failure);
    },
  };
}

interface Table {
  addLine(line: string): Failure | undefined;
  end(): Result<Columns, Failure>;
}

/** A table that is filled row by row; what is given back says why a row cannot be taken. */
export interface TableBuilder {
  begin(header: readonly string[]): string | undefined;
  addRow(values: readonly unknown[]): string | undefined;
  end(): Result<Columns, Failure>;
}

/** An empty table. */
export function createTableBuilder(): TableBuilder {
  let names: readonly string[] = [];
  let columns: number[][] = [];
  return {
    begin(header) {
      names = header;
      columns = header.map(() => []);
      return headerProblem(header);
    },
    addRow(values) {
      const problem = rowProblem(names, values, columns);
      if (problem === undefined) {
        values.forEach((value, index) => {
          columns[index]?.push(Number(value));
        });
      }
      return problem;
    },
    end() {
      if ((columns[0]?.length ?? 0) === 0) return err(unreadable("the table", "it has no rows"));
      return ok(new Map(names.map((name, index) => [name, columns[index] ?? []])));
    },
  };
}

function createTable(form: "csv" | "jsonl"): Table {
  const table = createTableBuilder();
  let names: readonly string[] | undefined;
  let lineNumber = 0;
  const begin = (header: readonly string[]): string | undefined => {
    names = header;
    return table.begin(header);
  };
  const addCells = (line: string): string | undefined => {
    const cells = cellsOf(line);
    if (cells === undefined) return "a quote is not closed";
    return names === undefined ? begin(cells) : table.addRow(cells.map(numberOf));
  };
  const addObject = (line: string): string | undefined => {
    const object = objectOf(line);
    if (object === undefined) return "this is no JSON object";
    const problem = names === undefined ? begin(Object.keys(object)) : undefined;
    if (problem !== undefined) return problem;
    const extra = Object.keys(object).find((name) => names?.includes(name) !== true);
    if (extra !== undefined) return `the first line has no \`${shorten(extra)}\``;
    return table.addRow((names ?? []).map((name) => object[name]));
  };
  const addText = form === "csv" ? addCells : addObject;
  return {
    addLine(written) {
      lineNumber += 1;
      const line = lineNumber === 1 ? written.replace(/^\uFEFF/, "") : written;
      if (line.trim() === "") return undefined;
      const problem =
        line.length > MAX_LINE ? `it is longer than ${MAX_LINE} characters` : addText(line);
      return problem === undefined ? undefined : unreadable(`line ${lineNumber}`, problem);
    },
    end: table.end,
  };
}

function headerProblem(header: readonly string[]): string | undefined {
  if (!header.includes("time")) return "there is no column `time`";
  if (header.length < 2) return "there is no column besides `time`";
  if (header.length > MAX_COLUMNS) return `there are more than ${MAX_COLUMNS} columns`;
  const wrong = header.find((name) => name === "" || name.length > 200);
  if (wrong !== undefined) return "a column's name is empty or longer than 200 characters";
  const plain = header.map(canonicalName);
  const twice = header.find((_, index) => plain.indexOf(plain[index] ?? "") !== index);
  return twice === undefined ? undefined : `there are two columns \`${shorten(twice)}\``;
}

function rowProblem(
  names: readonly string[],
  values: readonly unknown[],
  columns: readonly (readonly number[])[],
): string | undefined {
  if (values.length !== names.length) {
    return `it has ${values.length} values, the first line has ${names.length}`;
  }
  const rows = columns[0]?.length ?? 0;
  if ((rows + 1) * names.length > MAX_VALUES) return `there are more than ${MAX_VALUES} values`; // R1
  for (const [index, value] of values.entries()) {
    if (typeof value === "number" && Number.isFinite(value)) continue;
    return `\`${shorten(names[index] ?? "")}\` is not a finite number`; // R2
  }
  const clock = names.indexOf("time");
  const before = columns[clock]?.at(-1);
  const now = Number(values[clock]);
  if (before === undefined || now > before) return undefined;
  return `the time ${now} is not after ${before}`; // R2
}

/** The fields of a line of CSV (RFC 4180); undefined when a quote is not closed. */
function cellsOf(line: string): readonly string[] | undefined {
  const text = line.replace(/\r$/, "");
  if (!text.includes('"')) return text.split(",").map((cell) => cell.trim());
  const cells: string[] = [];
  const field = /\s*(?:"((?:[^"]|"")*)"\s*|([^",]*))(?:,|$)/y;
  while (field.lastIndex < text.length) {
    const found = field.exec(text);
    if (found === null) return undefined;
    cells.push((found[1]?.replaceAll('""', '"') ?? found[2] ?? "").trim());
  }
  if (text.endsWith(",")) cells.push("");
  return cells;
}

function numberOf(cell: string): number {
  return cell === "" ? Number.NaN : Number(cell);
}

function objectOf(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function shorten(name: string): string {
  return name.length > 100 ? `${name.slice(0, 100)}…` : name;
}

/** Why an output cannot be used, with the place in it. */
export function unreadable(place: string, problem: string): Failure {
  return {
    kind: "tool",
    message: `The program's output cannot be used: ${place}: ${problem}.`,
    nextStep: "Have the program give a row of finite numbers for each time, and nothing else.",
  };
}
