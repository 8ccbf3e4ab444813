import type { RankCorrelation } from "../../protocol/ensemble-data.ts";
import type { ParquetTable } from "../xmile/parquet.ts";

/** Writes rank correlations as a Parquet file, in the order they are given in. */
export async function writeSensitivity(
  correlations: readonly RankCorrelation[],
): Promise<ParquetTable> {
  const { ByteWriter, parquetWrite } = await import("hyparquet-writer");
  const writer = new ByteWriter();
  const texts = ["parameter", "variable", "measure"] as const;
  await parquetWrite({
    writer,
    columnData: [
      ...texts.map((name) => ({
        name,
        data: correlations.map((one) => one[name]),
        type: "STRING" as const,
        nullable: false,
      })),
      {
        name: "rho",
        data: Float64Array.from(correlations, ({ rho }) => rho),
        type: "DOUBLE" as const,
        nullable: false,
      },
    ],
  });
  return {
    bytes: writer.getBytes(),
    rows: correlations.length,
    columns: [
      ...texts.map((name) => ({ name, type: "string" as const })),
      { name: "rho", type: "number" as const },
    ],
  };
}
