import { createHash } from "node:crypto";
import { parquetWriteBuffer } from "hyparquet-writer";
import type { SimulationOutput } from "../../src/protocol/agent-data.ts";

/** An epidemic of 1000 people stepped by hand, so that every number can be recomputed. */
export interface Epidemic {
  readonly time: readonly number[];
  readonly columns: Readonly<Record<string, readonly number[]>>;
}

const UNITS: Readonly<Record<string, { kind: "stock" | "flow" | "auxiliary"; unit: string }>> = {
  susceptible: { kind: "stock", unit: "people" },
  infectious: { kind: "stock", unit: "people" },
  recovered: { kind: "stock", unit: "people" },
  succumbing: { kind: "flow", unit: "people/day" },
  recovering: { kind: "flow", unit: "people/day" },
  total_population: { kind: "auxiliary", unit: "people" },
};
const STEP = 0.125;
const STOP = 100;
export const PARAMETERS = { contact_infectivity: 0.3, duration: 5 };

/** Steps the epidemic by Euler's method from 5 infectious people. */
export function stepEpidemic(): Epidemic {
  const time: number[] = [];
  const columns: Record<string, number[]> = {};
  for (const name of Object.keys(UNITS)) columns[name] = [];
  let [susceptible, infectious, recovered] = [1000, 5, 0];
  for (let step = 0; step * STEP <= STOP; step += 1) {
    const succumbing = (susceptible * infectious * PARAMETERS.contact_infectivity) / 1000;
    const recovering = infectious / PARAMETERS.duration;
    const row = { susceptible, infectious, recovered, succumbing, recovering };
    time.push(step * STEP);
    for (const [name, value] of Object.entries({ ...row, total_population: 1000 })) {
      columns[name]!.push(value);
    }
    susceptible -= succumbing * STEP;
    infectious += (succumbing - recovering) * STEP;
    recovered += recovering * STEP;
  }
  return { time, columns };
}

/** The epidemic as a Parquet file's bytes. */
export function epidemicParquet({ time, columns }: Epidemic): Uint8Array {
  const columnData = Object.entries({ time, ...columns }).map(([name, data]) => ({
    name,
    data: [...data],
    type: "DOUBLE" as const,
  }));
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}

/** What the simulation agent would have said of the epidemic. */
export function epidemicOutput(epidemic: Epidemic, parquet: Uint8Array): SimulationOutput {
  const { time, columns } = epidemic;
  const variables = Object.entries(columns).map(([name, values]) => {
    const minimum = Math.min(...values);
    const maximum = Math.max(...values);
    return {
      name,
      label: name.replaceAll("_", " "),
      ...UNITS[name]!,
      initial: values[0]!,
      final: values.at(-1)!,
      minimum,
      minimumTime: time[values.indexOf(minimum)]!,
      maximum,
      maximumTime: time[values.indexOf(maximum)]!,
    };
  });
  return {
    model: { name: "sir", title: "SIR", timeUnit: "day" },
    method: "euler",
    startTime: 0,
    stopTime: STOP,
    timeStep: STEP,
    parameters: PARAMETERS,
    variables,
    highlights: ["infectious", "susceptible", "recovered"],
    data: {
      sha256: createHash("sha256").update(parquet).digest("hex"),
      mediaType: "application/vnd.apache.parquet",
      bytes: parquet.byteLength,
      name: "simulation.parquet",
      rows: time.length,
      columns: ["time", ...Object.keys(columns)].map((name) => ({ name, type: "number" as const })),
    },
  };
}
