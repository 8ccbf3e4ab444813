import { parquetWriteBuffer } from "hyparquet-writer";
import type { SimulationOutput, VariableSummary } from "../../src/protocol/agent-data.ts";
import { simulationOutputSchema } from "../../src/protocol/agent-data.ts";
import { folderArtifactStore } from "../../src/session/artifact-store.ts";

const DAYS = 100;
const STEP = 0.125;

/** The table of a small epidemic, computed with Euler steps, as columns. */
export function epidemicColumns(): Record<string, number[]> {
  const columns: Record<string, number[]> = {
    time: [],
    susceptible: [],
    infected: [],
    recovered: [],
    infection_rate: [],
  };
  let [s, i, r] = [990, 10, 0];
  for (let step = 0; step <= DAYS / STEP; step += 1) {
    const rate = (0.4 * s * i) / 1000;
    const healing = i / 8;
    columns["time"]?.push(step * STEP);
    columns["susceptible"]?.push(s);
    columns["infected"]?.push(i);
    columns["recovered"]?.push(r);
    columns["infection_rate"]?.push(rate);
    s -= rate * STEP;
    i += (rate - healing) * STEP;
    r += healing * STEP;
  }
  return columns;
}

/** Stores the epidemic's table as Parquet in `folder` and gives the simulation's output for it. */
export async function storedEpidemic(folder: string): Promise<SimulationOutput> {
  const columns = epidemicColumns();
  const columnData = Object.entries(columns).map(([name, data]) => ({
    name,
    data,
    type: "DOUBLE" as const,
  }));
  const content = new Uint8Array(parquetWriteBuffer({ columnData }));
  const rows = columns["time"]?.length ?? 0;
  const data = await folderArtifactStore(folder).put(content, {
    name: "epidemic.parquet",
    mediaType: "application/vnd.apache.parquet",
    rows,
    columns: Object.keys(columns).map((name) => ({ name, type: "number" as const })),
  });
  return epidemicOutput(data);
}

/** The output of the epidemic's simulation, pointing to `data`. */
export function epidemicOutput(data: SimulationOutput["data"]): SimulationOutput {
  const columns = epidemicColumns();
  const times = columns["time"] ?? [];
  const summary = (name: string, label: string, unit: string): VariableSummary => {
    const values = columns[name] ?? [];
    const [minimum, maximum] = [Math.min(...values), Math.max(...values)];
    return {
      name,
      label,
      kind: unit === "people" ? "stock" : "flow",
      unit,
      initial: values[0] ?? 0,
      final: values.at(-1) ?? 0,
      minimum,
      minimumTime: times[values.indexOf(minimum)] ?? 0,
      maximum,
      maximumTime: times[values.indexOf(maximum)] ?? 0,
    };
  };
  return simulationOutputSchema.parse({
    model: { name: "sir", title: "Epidemic in a town", timeUnit: "day" },
    method: "euler",
    startTime: 0,
    stopTime: DAYS,
    timeStep: STEP,
    parameters: {},
    variables: [
      summary("susceptible", "Susceptible", "people"),
      summary("infected", "Infected", "people"),
      summary("recovered", "Recovered", "people"),
      summary("infection_rate", "Infection rate", "people/day"),
    ],
    highlights: ["susceptible", "infected", "recovered"],
    data,
  });
}
