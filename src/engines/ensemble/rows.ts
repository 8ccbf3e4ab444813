import type { Layout } from "./layout.ts";
import type { Batch } from "./threads.ts";

/** A column of the rows of some runs. */
export interface RowsColumn {
  readonly name: string;
  readonly label: string;
  readonly unit?: string;
  readonly values: Float64Array | Int32Array;
}

/** The rows of a batch: `run` from 1, `time`, then the variables. */
export function rowsOf(batch: Batch, layout: Layout): readonly RowsColumn[] {
  const { times, columns, timeUnit } = layout;
  const rows = batch.runs * times.length;
  const run = new Int32Array(rows);
  const time = new Float64Array(rows);
  for (let index = 0; index < batch.runs; index += 1) {
    run.fill(batch.firstRun + index + 1, index * times.length, (index + 1) * times.length);
    time.set(times, index * times.length);
  }
  return [
    { name: "run", label: "run", values: run },
    { name: "time", label: "time", unit: timeUnit, values: time },
    ...columns.map(({ name, label, unit }, index) => ({
      name,
      label,
      ...(unit === undefined ? {} : { unit }),
      values: batch.values.subarray(index * rows, (index + 1) * rows),
    })),
  ];
}
