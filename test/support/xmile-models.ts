import { expect } from "vitest";
import type { Model } from "../../src/engines/xmile/model.ts";
import type { ModelProblem } from "../../src/engines/xmile/problem.ts";
import { readModel } from "../../src/engines/xmile/read-model.ts";
import type { SimulationOptions, SimulationTable } from "../../src/engines/xmile/simulate.ts";
import { simulate } from "../../src/engines/xmile/simulate.ts";

/** The text of a model with the given variables; one unit of time from 0 to 10 by default. */
export function xmile(variables: string, specs = "<start>0</start><stop>10</stop>"): string {
  const sim = specs.startsWith("<sim_specs") ? specs : `<sim_specs>${specs}</sim_specs>`;
  return `<xmile version="1.0">${sim}<model><variables>\n${variables}\n</variables></model></xmile>`;
}

/** One auxiliary. */
export function aux(name: string, equation: string): string {
  return `<aux name="${name}"><eqn><![CDATA[${equation}]]></eqn></aux>`;
}

/** Reads a model that is expected to be right. */
export function modelOf(text: string): Model {
  const model = readModel(text);
  if (!model.ok) throw new Error(model.error.message);
  return model.value;
}

/** The problem of a model that is expected to be refused. */
export function refusalOf(text: string): ModelProblem {
  const model = readModel(text);
  expect(model.ok).toBe(false);
  if (model.ok) throw new Error("The model was accepted.");
  return model.error;
}

/** Simulates what is expected to succeed. */
export async function tableOf(text: string, options?: SimulationOptions): Promise<SimulationTable> {
  const table = await simulate(modelOf(text), options);
  if (!table.ok) throw new Error(table.error.message);
  return table.value;
}

/** The course of one variable. */
export function courseOf(table: SimulationTable, name: string): readonly number[] {
  const column = table.columns.find((candidate) => candidate.name === name);
  if (column === undefined) throw new Error(`No column ${name}.`);
  return [...column.values];
}

/** The value of an equation at the start of a simulation. */
export async function valueOfEquation(equation: string, others = ""): Promise<number> {
  const table = await tableOf(
    xmile(aux("result", equation) + others, "<start>0</start><stop>0</stop>"),
  );
  return courseOf(table, "result")[0] ?? Number.NaN;
}
