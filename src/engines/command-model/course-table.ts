import { canonicalName } from "../xmile/identifier.ts";
import type { CourseTable } from "../xmile/simulate.ts";
import type { CommandModel } from "./description.ts";
import type { Columns } from "./read-rows.ts";

/** What a program printed, as the table of any simulation: `time` apart, units as described. */
export function courseTable(columns: Columns, { variables }: CommandModel): CourseTable {
  const others = [...columns].filter(([label]) => label !== "time");
  return {
    time: Float64Array.from(columns.get("time") ?? []),
    columns: others.map(([label, values]) => {
      const unit = Object.hasOwn(variables, label) ? variables[label]?.unit : undefined;
      return {
        name: canonicalName(label),
        label,
        kind: "auxiliary",
        ...(unit === undefined ? {} : { unit }),
        values: Float64Array.from(values),
      };
    }),
  };
}

/** The variables a reader should see first, by name; those the description lists. */
export function highlightsOf({ highlights }: CommandModel, table: CourseTable): readonly string[] {
  const wanted = new Set(highlights.map(canonicalName));
  return table.columns.map(({ name }) => name).filter((name) => wanted.has(name));
}

/** The time between the first two rows; 0 when there is only one. */
export function timeStepOf({ time }: CourseTable): number {
  return (time[1] ?? time[0] ?? 0) - (time[0] ?? 0);
}
