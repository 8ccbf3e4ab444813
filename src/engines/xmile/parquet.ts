import type { Column } from "../../protocol/artifact.ts";
import { nextTurn } from "./next-turn.ts";
import type { CourseTable } from "./simulate.ts";

/** A table as the bytes of a Parquet file, and what its columns are. */
export interface ParquetTable {
  readonly bytes: Uint8Array;
  readonly rows: number;
  readonly columns: readonly Column[];
}

/** The longest unit a message carries. */
const MAX_UNIT_LENGTH = 100;

/** Values encoded between two turns of the event loop: some 50 to 100 ms of work. */
const VALUES_PER_GROUP = 300_000;

/**
 * Writes `time` and all variables as columns of doubles without nulls. Lets the event loop turn
 * between groups of rows; rejects with the signal's reason soon after it is aborted.
 */
export async function writeParquet(
  table: CourseTable,
  timeUnit: string,
  signal?: AbortSignal,
): Promise<ParquetTable> {
  const { ByteWriter, parquetWrite } = await import("hyparquet-writer");
  const columns = [{ name: "time", unit: timeUnit, values: table.time }, ...table.columns];
  const writer = Object.assign(new ByteWriter(), {
    async flush() {
      await nextTurn();
      signal?.throwIfAborted();
    },
  });
  await parquetWrite({
    writer,
    columnData: columns.map(({ name, values }) => ({
      name,
      data: values,
      type: "DOUBLE",
      nullable: false,
    })),
    rowGroupSize: Math.max(1000, Math.floor(VALUES_PER_GROUP / columns.length)),
  });
  return {
    bytes: writer.getBytes(),
    rows: table.time.length,
    columns: columns.map(({ name, unit }) => ({
      name,
      type: "number",
      ...(unit === undefined ? {} : { unit: unit.slice(0, MAX_UNIT_LENGTH) }),
    })),
  };
}
