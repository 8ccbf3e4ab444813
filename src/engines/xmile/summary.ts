import type { VariableSummary } from "../../protocol/agent-data.ts";
import type { CourseTable } from "./simulate.ts";

/** The longest unit a message carries. */
const MAX_UNIT_LENGTH = 100;

/** The numbers that describe each variable's course, in the order of the table. */
export function summarize(table: CourseTable): readonly VariableSummary[] {
  return table.columns.map(({ name, label, kind, unit, values }) => {
    const { lowest, highest } = extremesOf(values);
    return {
      name,
      label,
      kind,
      ...(unit === undefined ? {} : { unit: unit.slice(0, MAX_UNIT_LENGTH) }),
      initial: values[0] ?? Number.NaN,
      final: values.at(-1) ?? Number.NaN,
      minimum: values[lowest] ?? Number.NaN,
      minimumTime: table.time[lowest] ?? Number.NaN,
      maximum: values[highest] ?? Number.NaN,
      maximumTime: table.time[highest] ?? Number.NaN,
    };
  });
}

/** The first indices of the lowest and the highest value. */
function extremesOf(values: Float64Array): { lowest: number; highest: number } {
  let lowest = 0;
  let highest = 0;
  let minimum = Number.POSITIVE_INFINITY;
  let maximum = Number.NEGATIVE_INFINITY;
  values.forEach((value, index) => {
    if (value < minimum) {
      minimum = value;
      lowest = index;
    }
    if (value > maximum) {
      maximum = value;
      highest = index;
    }
  });
  return { lowest, highest };
}
