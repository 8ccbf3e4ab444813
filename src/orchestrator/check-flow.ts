/** What a schema cannot say about a flow: its graph and its references hold together. */
import { z } from "zod";
import { qnaInputSchema, simulationInputSchema, vizInputSchema } from "../protocol/agent-data.ts";
import type { TaskAgentName } from "../protocol/ids.ts";
import type { Flow, FlowProblem, Step } from "./flow.ts";
import { ancestorsOf, findCycle } from "./graph.ts";
import { checkParameters } from "./parameters.ts";
import { parseReference, referencesIn } from "./references.ts";

type LineOf = (path: readonly PropertyKey[]) => number;

/** What each agent takes in, by name. */
const INPUTS: Readonly<Record<TaskAgentName, z.ZodObject>> = {
  simulation: simulationInputSchema,
  qna: qnaInputSchema,
  viz: vizInputSchema,
};

/** Finds unknown and circular needs, missing or unknown inputs, and references to nowhere. */
export function checkFlow(flow: Flow, lineOf: LineOf): readonly FlowProblem[] {
  const graph = [...flow.steps.flatMap((step) => checkNeeds(flow, step, lineOf))];
  if (graph.length > 0) return graph;
  const cycle = findCycle(flow.steps);
  if (cycle !== undefined) {
    return [
      {
        line: lineOf(["steps", ...cycle.slice(0, 1), "needs"]),
        message: `the steps need each other in a circle: ${cycle.join(" → ")}`,
        remedy: "remove one of these needs",
      },
    ];
  }
  return [
    ...checkDefaults(flow, lineOf),
    ...flow.steps.flatMap((step) => [
      ...checkInput(step, lineOf),
      ...checkReferences(flow, step, lineOf),
    ]),
  ];
}

function checkNeeds(flow: Flow, step: Step, lineOf: LineOf): readonly FlowProblem[] {
  const known = flow.steps.map((other) => other.id);
  return step.needs
    .filter((need) => !known.includes(need))
    .map((need) => ({
      line: lineOf(["steps", step.id, "needs"]),
      message: `step "${step.id}" needs "${need}", which is not a step of this flow`,
      remedy: `use one of ${known.filter((id) => id !== step.id).join(", ") || "(no other step)"}`,
    }));
}

function checkDefaults(flow: Flow, lineOf: LineOf): readonly FlowProblem[] {
  return Object.entries(flow.parameters).flatMap(([name, parameter]) => {
    if (parameter.default === undefined) return [];
    const checked = checkParameters({ ...flow, parameters: { [name]: parameter } }, {});
    if (checked.ok) return [];
    return checked.error.map((problem) => ({
      line: lineOf(["params", name, "default"]),
      message: `the default of ${problem}`,
      remedy: "correct the default or the limits",
    }));
  });
}

function checkInput(step: Step, lineOf: LineOf): readonly FlowProblem[] {
  const shape: Readonly<Record<string, z.core.$ZodType>> = INPUTS[step.agent].shape;
  const names = Object.keys(shape);
  const missing = names.filter(
    (name) => !Object.hasOwn(step.input, name) && isRequired(shape[name]),
  );
  const unknown = Object.keys(step.input).filter((name) => !names.includes(name));
  return [
    ...missing.map((name) => ({
      line: lineOf(["steps", step.id, "input"]),
      message: `step "${step.id}" lacks the input "${name}" of agent ${step.agent}`,
      remedy: `add \`${name}:\` under the step's input`,
    })),
    ...unknown.map((name) => ({
      line: lineOf(["steps", step.id, "input", name]),
      message: `agent ${step.agent} has no input "${name}"`,
      remedy: `use one of ${names.join(", ")}`,
    })),
  ];
}

function isRequired(schema: z.core.$ZodType | undefined): boolean {
  return schema !== undefined && !z.safeParse(schema, undefined).success;
}

function checkReferences(flow: Flow, step: Step, lineOf: LineOf): readonly FlowProblem[] {
  const ancestors = ancestorsOf(flow.steps, step.id);
  return Object.entries(step.input).flatMap(([name, value]) =>
    referencesIn(value).flatMap((text) => {
      const problem = problemOfReference(text, flow, step, ancestors);
      return problem === undefined
        ? []
        : [{ line: lineOf(["steps", step.id, "input", name]), ...problem }];
    }),
  );
}

function problemOfReference(
  text: string,
  flow: Flow,
  step: Step,
  ancestors: ReadonlySet<string>,
): { readonly message: string; readonly remedy: string } | undefined {
  const reference = parseReference(text);
  if (!reference.ok) {
    return { message: `step "${step.id}": ${reference.error}`, remedy: "correct the look-up" };
  }
  const [root, name = "", field] = reference.value;
  const known = Object.keys(flow.parameters).join(", ");
  if (root === "params" && !Object.hasOwn(flow.parameters, name)) {
    return {
      message: `step "${step.id}" looks up the unknown parameter "${name}"`,
      remedy: `declare it under params${known === "" ? "" : `, or use one of ${known}`}`,
    };
  }
  if (root === "params") return undefined;
  if (field !== "output") {
    return {
      message: `step "${step.id}" looks up "${text.trim()}"; a step offers only its output`,
      remedy: `write ${root}.${name}.output`,
    };
  }
  if (root === "steps" && !ancestors.has(name)) {
    return {
      message: `step "${step.id}" looks up the output of "${name}" but does not need it`,
      remedy: `add ${name} to its needs`,
    };
  }
  return undefined;
}
