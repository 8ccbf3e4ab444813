/** The files of a chart. What is stored draws the same chart anywhere: the spec carries its rows. */
import type { DrawnChart } from "../../../engines/chart/render.ts";
import type { Report } from "../../../engines/chart/report.ts";
import { writeReport } from "../../../engines/chart/report.ts";
import type { VizInput, VizOutput } from "../../../protocol/agent-data.ts";
import type { ArtifactStore } from "../../../session/artifact-store.ts";
import type { Drawing } from "./drawing.ts";

/** Stores picture, spec and report. */
export async function storeChart(
  store: ArtifactStore,
  { svg, png, spec }: DrawnChart,
  report: Report,
): Promise<Required<Pick<VizOutput, "svg" | "png" | "spec" | "report">>> {
  const name = fileName(report.title);
  const text = new TextEncoder();
  const [svgFile, pngFile, specFile, reportFile] = await Promise.all([
    store.put(text.encode(svg), { name: `${name}.svg`, mediaType: "image/svg+xml" }),
    store.put(png, { name: `${name}.png`, mediaType: "image/png" }),
    store.put(text.encode(JSON.stringify(spec)), {
      name: `${name}.vl.json`,
      mediaType: "application/json",
    }),
    store.put(text.encode(writeReport(report)), {
      name: `${name}.html`,
      mediaType: "text/html",
    }),
  ]);
  return { svg: svgFile, png: pngFile, spec: specFile, report: reportFile };
}

function fileName(title: string): string {
  const plain = title.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  return plain.replaceAll(/^-+|-+$/g, "").slice(0, 60) || "chart";
}

/** What the report of a chart says. */
export function reportOf(
  drawing: Drawing,
  made: {
    readonly input: VizInput;
    readonly svg: string;
    readonly chart: string;
    readonly version: string;
  },
): Report {
  const { input, svg, chart, version } = made;
  const { simulation, compareWith, answer } = input;
  const { title, description, tables } = drawing;
  const { model, method, startTime, stopTime, timeStep, data } = simulation;
  return {
    ...{ title, tables },
    charts: [{ title, description, svg }],
    answers: answer === undefined ? [] : [answer],
    making: [
      ["Model", `${model.title} (${model.name})`],
      ["Computed", `${startTime} to ${stopTime} ${model.timeUnit}, step ${timeStep}, ${method}`],
      ["Parameters", parametersOf(simulation.parameters)],
      ...(compareWith === undefined
        ? []
        : [["Compared with", parametersOf(compareWith.parameters)] as const]),
      ["Table", `SHA-256 ${data.sha256}`],
      ["Chart", chart],
      ["Version", `aimie-console ${version}, Node ${process.versions.node}`],
    ],
  };
}

function parametersOf(parameters: Readonly<Record<string, number>>): string {
  const set = Object.entries(parameters).map(([name, value]) => `${name} = ${value}`);
  return set.length === 0 ? "the model's own" : set.join(", ");
}
