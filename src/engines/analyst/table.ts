import type { SimulationOutput, VariableSummary } from "../../protocol/agent-data.ts";

/** Something a question can be about: a column of the table, or a parameter of the run. */
export interface Subject {
  readonly name: string;
  readonly label: string;
  readonly kind: "stock" | "flow" | "auxiliary" | "parameter";
  readonly unit: string | null;
  /** Its value when that is the same all through the run; null when it changes. */
  readonly constant: number | null;
}

/** What the analyst knows of a run: its time axis and what can be asked about. */
export interface AnalystTable {
  readonly timeUnit: string;
  readonly startTime: number;
  readonly stopTime: number;
  readonly subjects: readonly Subject[];
  /** The names of the subjects to suggest first. */
  readonly highlights: readonly string[];
}

/** The name under which queries see the run's rows. */
export const TABLE_NAME = "simulation";

/** The name of the time column. */
export const TIME_COLUMN = "time";

/** The table a simulation's output describes. */
export function tableOf(simulation: Omit<SimulationOutput, "data">): AnalystTable {
  const variables = simulation.variables
    .filter((variable) => variable.name.toLowerCase() !== TIME_COLUMN)
    .map(subjectOfVariable);
  const named = new Set(variables.map((variable) => variable.name));
  const parameters = Object.entries(simulation.parameters)
    .filter(([name]) => !named.has(name))
    .map(([name, value]) => subjectOfParameter(name, value));
  return {
    timeUnit: simulation.model.timeUnit,
    startTime: simulation.startTime,
    stopTime: simulation.stopTime,
    subjects: [...variables, ...parameters],
    highlights: simulation.highlights,
  };
}

function subjectOfVariable(variable: VariableSummary): Subject {
  return {
    name: variable.name,
    label: variable.label,
    kind: variable.kind,
    unit: variable.unit ?? null,
    constant: variable.minimum === variable.maximum ? variable.minimum : null,
  };
}

function subjectOfParameter(name: string, value: number): Subject {
  return {
    name,
    label: name.replaceAll("_", " "),
    kind: "parameter",
    unit: null,
    constant: value,
  };
}
