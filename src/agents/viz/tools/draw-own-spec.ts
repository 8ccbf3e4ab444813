/** A Vega-Lite spec of the user's own over the simulation's table. */
import type { JsonValue } from "../../../base/json-value.ts";
import { isJsonArray } from "../../../base/json-value.ts";
import type { Result } from "../../../base/result.ts";
import { ok } from "../../../base/result.ts";
import type { ChartRow, ChartSpec } from "../../../engines/chart/chart-spec.ts";
import { checkSpec, refuse } from "../../../engines/chart/check-spec.ts";
import { evenIndices } from "../../../engines/chart/decimate.ts";
import type { Table } from "../../../engines/chart/read-table.ts";
import { readTable } from "../../../engines/chart/read-table.ts";
import { columnsMentioned, unknownFields } from "../../../engines/chart/spec-fields.ts";
import { CHART_CONFIG } from "../../../engines/chart/theme.ts";
import type { SimulationOutput } from "../../../protocol/agent-data.ts";
import type { Failure } from "../../../protocol/failure.ts";
import { nearestNames } from "./choose-variables.ts";
import type { Drawing, TableSource } from "./drawing.ts";

/** The column of the table that all others are drawn over. */
const TIME = "time";
const MOST_ROWS = 2000;
const MOST_COLUMNS = 50;

/** The spec once it is known to be harmless and to draw columns that there are. */
export function checkOwnSpec(
  spec: ChartSpec,
  simulation: SimulationOutput,
): Result<ChartSpec, Failure> {
  const checked = checkSpec(spec);
  if (!checked.ok) return checked;
  const columns = [TIME, ...simulation.variables.map((one) => one.name)];
  const [unknown] = unknownFields(checked.value, columns);
  if (unknown === undefined) return checked;
  const nearest = nearestNames(unknown, columns).join(", ");
  return refuse(
    `It draws the field "${unknown}", which the table does not have; near: ${nearest}.`,
  );
}

/** The standard drawing with the spec, its rows and its own words in place. */
export async function withOwnSpec(
  plain: Drawing,
  own: {
    readonly spec: ChartSpec;
    readonly title: string | undefined;
    readonly simulation: SimulationOutput;
    readonly variables: readonly string[];
    readonly tables: TableSource;
  },
): Promise<Result<Drawing, Failure>> {
  const { spec, simulation, tables } = own;
  const all = simulation.variables.map((one) => one.name);
  const columns = [...new Set([TIME, ...own.variables, ...columnsMentioned(spec, all)])];
  const path = tables.pathOf(simulation.data);
  const table = await readTable(path, { ...tables, columns: columns.slice(0, MOST_COLUMNS) });
  const title = own.title ?? spec["title"];
  const description = spec["description"];
  const config = spec["config"];
  const told = typeof description === "string" ? description.slice(0, 2000) : plain.description;
  return ok({
    ...plain,
    title: typeof title === "string" ? title.slice(0, 200) : plain.title,
    description: told,
    spec: {
      ...spec,
      ...(title === undefined ? {} : { title }),
      description: told,
      config: { ...CHART_CONFIG, ...(isObject(config) ? config : {}) },
    },
    rows: wideRows(table),
  });
}

function isObject(value: JsonValue | undefined): value is ChartSpec {
  return typeof value === "object" && value !== null && !isJsonArray(value);
}

function wideRows(table: Table): ChartRow[] {
  const count = table.get(TIME)?.length ?? 0;
  return evenIndices(count, MOST_ROWS).map((row) => {
    const cells = [...table].map(([name, values]): [string, number | null] => {
      const value = values[row] ?? Number.NaN;
      return [name, Number.isFinite(value) ? value : null];
    });
    return Object.fromEntries(cells);
  });
}
