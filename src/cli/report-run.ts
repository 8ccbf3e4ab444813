/** `report`: a run as one HTML file. */
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { errorMessage } from "../base/error-message.ts";
import { OperatorError } from "../base/operator-error.ts";
import type { RunView } from "../console/console-state.ts";
import type { ReportChart, ReportTable } from "../engines/chart/report.ts";
import { writeReport } from "../engines/chart/report.ts";
import { attemptText } from "../orchestrator/reuse.ts";
import { lastAttempt, outputOf } from "../orchestrator/state.ts";
import type { SimulationOutput } from "../protocol/agent-data.ts";
import {
  qnaOutputSchema,
  simulationOutputSchema,
  vizOutputSchema,
} from "../protocol/agent-data.ts";
import type { Config } from "./config.ts";
import type { OutputForm } from "./flag.ts";
import { openArtifacts } from "./open-console.ts";
import type { Output } from "./output.ts";
import { readRun } from "./show-run.ts";
import { VERSION } from "./version.ts";

/**
 * Prints or writes the report of a run; 1 when a chart's file is missing or damaged.
 * @throws OperatorError `usage` for a run that cannot be found or a file that cannot be written.
 */
export async function reportRun(
  config: Config,
  wanted: string,
  { form, save }: { readonly form: OutputForm; readonly save: string | undefined },
  output: Output,
): Promise<number> {
  const run = await readRun(config, wanted, output);
  const { charts, lost } = await chartsOf(run, config);
  const page = writeReport({
    title: `Run ${run.runId}: ${run.state.origin.spec.flowName}`,
    charts,
    answers: outputsOf(run).flatMap((one) => qnaOutputSchema.safeParse(one).data ?? []),
    tables: outputsOf(run).flatMap((one) => {
      const simulation = simulationOutputSchema.safeParse(one);
      return simulation.success ? [variableTable(simulation.data)] : [];
    }),
    making: makingOf(run),
  });
  if (save === undefined) output.out(page.trimEnd());
  else {
    write(resolve(save), page);
    const path = resolve(save);
    output.out(form === "text" ? `report: ${path}` : JSON.stringify({ version: 1, report: path }));
  }
  for (const name of lost) output.err(`${name} is missing or damaged; rerun the step that drew it`);
  return lost.length === 0 ? 0 : 1;
}

function outputsOf({ state }: RunView): readonly unknown[] {
  return Object.values(state.steps).map(outputOf);
}

async function chartsOf(run: RunView, config: Config) {
  const store = openArtifacts(config);
  const charts: ReportChart[] = [];
  const lost: string[] = [];
  for (const made of outputsOf(run)) {
    const chart = vizOutputSchema.safeParse(made);
    if (!chart.success) continue;
    const { svg, description, title } = chart.data;
    if ((await store.verify(svg)) !== "intact") lost.push(svg.name);
    else charts.push({ title, description, svg: readFileSync(store.pathOf(svg), "utf8") });
  }
  return { charts, lost };
}

function variableTable({ model, variables }: SimulationOutput): ReportTable {
  return {
    caption: `${model.title}: each variable's course`,
    columns: ["variable", "unit", "start", "end", "lowest", "at", "highest", "at"],
    rows: variables.map(({ label, unit, ...one }) => [
      label,
      unit ?? "",
      ...[one.initial, one.final, one.minimum, one.minimumTime, one.maximum, one.maximumTime].map(
        (value) => Number(value.toPrecision(6)),
      ),
    ]),
  };
}

function makingOf({ runId, sessionId, state }: RunView): readonly (readonly [string, string])[] {
  const { spec, requestedAt } = state.origin;
  const parameters = Object.entries(spec.parameters).map(
    ([name, value]) => `${name} = ${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  const steps = Object.entries(state.steps).map(([key, step]) => {
    const last = lastAttempt(step);
    const worker = last?.result?.worker;
    const cached = last?.cachedFrom && `, cached from ${attemptText(last.cachedFrom)}`;
    return `${key} ${step.progress.status}${cached ?? (worker === undefined ? "" : ` by ${worker}`)}`;
  });
  return [
    ["Run", `${runId}, ${state.status}, of session ${sessionId}`],
    ["Flow", spec.flowName],
    ["Parameters", parameters.join("; ") || "none"],
    ["Steps", steps.join("; ")],
    ["Requested", new Date(requestedAt).toISOString()],
    ...(spec.basedOn === undefined ? [] : [["Based on", `run ${spec.basedOn}`] as const]),
    ...(spec.forkedFrom === undefined ? [] : [["Forked from", String(spec.forkedFrom)] as const]),
    ["Version", `aimie-console ${VERSION}, Node ${process.versions.node}`],
  ];
}

function write(path: string, page: string): void {
  try {
    writeFileSync(path, page);
  } catch (cause) {
    const message = `cannot write ${path}: ${errorMessage(cause)}`;
    throw new OperatorError({ code: "usage", message, nextStep: "name another file" }, { cause });
  }
}
