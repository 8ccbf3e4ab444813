/** The epoch each bus had when it was last seen: another one means that it has lost its data. */
import type { DatabaseSync } from "node:sqlite";
import { textOf } from "./sqlite.ts";

/** What the store can do with epochs. */
export interface EpochTable {
  /** The epoch a bus had when it was last seen; undefined for one that never was. */
  epoch(bus: string): string | undefined;
  keepEpoch(bus: string, epoch: string): void;
}

/** The epochs of an open database. */
export function epochTable(database: DatabaseSync): EpochTable {
  const find = database.prepare("SELECT epoch FROM epochs WHERE bus = ?");
  const put = database.prepare(
    "INSERT INTO epochs (bus, epoch) VALUES (?, ?) ON CONFLICT DO UPDATE SET epoch = excluded.epoch",
  );
  return {
    epoch(bus) {
      const row = find.get(bus);
      return row === undefined ? undefined : textOf(row, "epoch");
    },
    keepEpoch(bus, epoch) {
      put.run(bus, epoch);
    },
  };
}
