import type { Column } from "../../protocol/artifact.ts";
import type { RowsColumn } from "./rows.ts";

/** Writes rows as a Parquet file piece by piece; memory holds one group of rows. */
export interface RowsWriter {
  /** Adds a group of rows; every group has the columns of the first. */
  add(columns: readonly RowsColumn[]): Promise<void>;
  /** Ends the file and describes it. */
  finish(): Promise<{ readonly rows: number; readonly columns: readonly Column[] }>;
}

/** The longest unit a message carries. */
const MAX_UNIT_LENGTH = 100;

/** A writer that hands the file's bytes on as they come. */
export async function openRowsWriter(
  write: (bytes: Uint8Array) => Promise<void>,
): Promise<RowsWriter> {
  const { ByteWriter, ParquetWriter, schemaFromColumnData } = await import("hyparquet-writer");
  const bytes = new ByteWriter();
  const handOn = async (): Promise<void> => {
    const piece = bytes.getBytes().slice();
    // What was handed on is taken out of the buffer; `offset` goes on counting the whole file.
    bytes.index = 0;
    await write(piece);
  };
  let writer: InstanceType<typeof ParquetWriter> | undefined;
  let described: readonly Column[] = [];
  let rows = 0;
  return {
    async add(columns) {
      const columnData = columns.map(({ name, values }) => ({
        name,
        data: values,
        type: values instanceof Int32Array ? ("INT32" as const) : ("DOUBLE" as const),
        nullable: false,
      }));
      writer ??= new ParquetWriter({
        writer: bytes,
        schema: schemaFromColumnData({ columnData }),
      });
      const count = columns[0]?.values.length ?? 0;
      await writer.write({ columnData, rowGroupSize: Math.max(1, count) });
      described = columns.map(({ name, unit }) => ({
        name,
        type: "number",
        ...(unit === undefined ? {} : { unit: unit.slice(0, MAX_UNIT_LENGTH) }),
      }));
      rows += count;
      await handOn();
    },
    async finish() {
      await writer?.finish();
      await handOn();
      return { rows, columns: described };
    },
  };
}
