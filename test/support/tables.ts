import { parquetWriteBuffer } from "hyparquet-writer";
import type { Artifact } from "../../src/protocol/artifact.ts";
import { folderArtifactStore } from "../../src/session/artifact-store.ts";

/** Stores columns of numbers or texts as a Parquet file in `folder`. */
export async function storedTable(
  folder: string,
  name: string,
  columns: Readonly<Record<string, readonly (number | string)[]>>,
): Promise<Artifact> {
  const columnData = Object.entries(columns).map(([column, data]) => ({
    name: column,
    data: [...data],
    type: typeof data[0] === "string" ? ("STRING" as const) : ("DOUBLE" as const),
  }));
  const content = new Uint8Array(parquetWriteBuffer({ columnData }));
  const mediaType = "application/vnd.apache.parquet";
  const rows = Object.values(columns)[0]?.length ?? 0;
  return await folderArtifactStore(folder).put(content, { name, mediaType, rows });
}

/** The epidemic with another contact rate, as columns: time and infected. */
export function infectedOver(days: number, step: number, contact: number): [number[], number[]] {
  const [times, infected]: [number[], number[]] = [[], []];
  let [s, i] = [990, 10];
  for (let at = 0; at <= days / step; at += 1) {
    times.push(at * step);
    infected.push(i);
    const rate = (contact * s * i) / 1000;
    s -= rate * step;
    i += (rate - i / 8) * step;
  }
  return [times, infected];
}

/** Bands of many epidemics whose contact rates are spread evenly. */
export function epidemicBands(): Record<string, number[]> {
  const runs = Array.from({ length: 101 }, (_, run) => infectedOver(100, 0.5, 0.25 + run * 0.003));
  const [[time] = [[]]] = runs;
  const sorted = time.map((_, row) =>
    runs.map(([, infected]) => infected[row] ?? 0).sort((left, right) => left - right),
  );
  const at = (share: number) => sorted.map((values) => values[Math.round(share * 100)] ?? 0);
  return {
    time,
    "infected q05": at(0.05),
    "infected q25": at(0.25),
    "infected q50": at(0.5),
    "infected q75": at(0.75),
    "infected q95": at(0.95),
    "infected mean": sorted.map((values) => values.reduce((sum, one) => sum + one, 0) / 101),
  };
}

/** Two populations that chase each other, by Runge-Kutta steps: time, prey, predators. */
export function chase(): Record<string, number[]> {
  const columns: Record<string, number[]> = { time: [], prey: [], predators: [] };
  const speed = ([x, y]: [number, number]): [number, number] => [
    x * (1.1 - 0.4 * y),
    y * (0.1 * x - 0.4),
  ];
  let state: [number, number] = [10, 5];
  const step = 0.02;
  const moved = (by: [number, number], share: number): [number, number] => [
    state[0] + by[0] * step * share,
    state[1] + by[1] * step * share,
  ];
  for (let at = 0; at <= 3000; at += 1) {
    columns["time"]?.push(at * step);
    columns["prey"]?.push(state[0]);
    columns["predators"]?.push(state[1]);
    const a = speed(state);
    const b = speed(moved(a, 0.5));
    const c = speed(moved(b, 0.5));
    const d = speed(moved(c, 1));
    const mean = (k: 0 | 1) => (a[k] + 2 * b[k] + 2 * c[k] + d[k]) / 6;
    state = moved([mean(0), mean(1)], 1);
  }
  return columns;
}
