/** What a schema cannot say about a flow: its graph and its references hold together. */
import { z } from "zod";
import { isBuiltIn, TASK_AGENT_NAMES } from "../protocol/ids.ts";
import { schemaOf } from "./agent-schemas.ts";
import { referencesOfCondition } from "./condition.ts";
import type { KnownAgents } from "./custom-agent.ts";
import type { Flow, FlowProblem, Step } from "./flow.ts";
import { ancestorsOf, findCycle } from "./graph.ts";
import { checkParameters } from "./parameters.ts";
import { isWholeReference, parseReference, referencesIn } from "./references.ts";
import { mayBeCached } from "./reuse.ts";

type LineOf = (path: readonly PropertyKey[]) => number;

/** Finds unknown and circular needs, missing or unknown inputs, and references to nowhere. */
export function checkFlow(flow: Flow, lineOf: LineOf, agents: KnownAgents): readonly FlowProblem[] {
  const strangers = flow.steps.flatMap((step) => checkAgent(step, lineOf, agents));
  if (strangers.length > 0) return strangers;
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
      ...checkCache(step, lineOf),
      ...checkInput(step, lineOf, agents),
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

function checkAgent(step: Step, lineOf: LineOf, agents: KnownAgents): readonly FlowProblem[] {
  if (isBuiltIn(step.agent) || agents === "any") return [];
  const custom = agents.find(({ name }) => name === step.agent);
  const line = lineOf(["steps", step.id, "agent"]);
  if (custom !== undefined) {
    return custom.problem === undefined ? [] : [{ line, ...custom.problem }];
  }
  const names = [...TASK_AGENT_NAMES, ...agents.map(({ name }) => name)].join(", ");
  const message = `steps.${step.id}.agent: unknown agent; the agents are ${names}`;
  const remedy = `use one of them, or make it: aimie-console agent-init ${step.agent}`;
  return [{ line, message, remedy }];
}

function checkCache({ id, agent, cache }: Step, lineOf: LineOf): readonly FlowProblem[] {
  if (cache !== true || mayBeCached(agent)) return [];
  return [
    {
      line: lineOf(["steps", id, "cache"]),
      message: `step "${id}" cannot be cached: what agent ${agent} works with besides its input is not known here`,
      remedy: "remove `cache` from the step",
    },
  ];
}

/** The inputs an agent knows and those it needs; none of one that is not known here. */
function inputsOf(
  { agent, input }: Step,
  agents: KnownAgents,
): { readonly names: readonly string[]; readonly required: readonly string[] } {
  if (isBuiltIn(agent)) {
    const shape: Readonly<Record<string, z.core.$ZodType>> = schemaOf(agent, "input").shape;
    const names = Object.keys(shape);
    return { names, required: names.filter((name) => isRequired(shape[name])) };
  }
  const customs = agents === "any" ? [] : agents.filter(({ name }) => name === agent);
  return {
    names: customs.flatMap(({ inputs }) => inputs ?? Object.keys(input)),
    required: customs.flatMap(({ required }) => required),
  };
}

function checkInput(step: Step, lineOf: LineOf, agents: KnownAgents): readonly FlowProblem[] {
  const { names, required } = inputsOf(step, agents);
  const missing = required.filter((name) => !Object.hasOwn(step.input, name));
  const isAny = agents === "any" && !isBuiltIn(step.agent);
  const unknown = Object.keys(step.input).filter((name) => !(isAny || names.includes(name)));
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
  const check = (
    texts: readonly string[],
    path: readonly PropertyKey[],
    inInstance: boolean,
  ): readonly FlowProblem[] =>
    texts.flatMap((text) => {
      const problem = problemOfReference(text, flow, step, { ancestors, inInstance });
      return problem === undefined
        ? []
        : [{ line: lineOf(["steps", step.id, ...path]), ...problem }];
    });
  return [
    ...Object.entries(step.input).flatMap(([name, value]) =>
      check(referencesIn(value), ["input", name], step.foreach !== undefined),
    ),
    ...check(referencesIn(step.foreach?.items ?? null), ["foreach"], false),
    ...check(step.when === undefined ? [] : referencesOfCondition(step.when), ["when"], false),
    ...checkForeach(step, lineOf),
  ];
}

function checkForeach(step: Step, lineOf: LineOf): readonly FlowProblem[] {
  const items = step.foreach?.items;
  if (typeof items !== "string" || isWholeReference(items)) return [];
  return [
    {
      line: lineOf(["steps", step.id, "foreach"]),
      message: `step "${step.id}": foreach is a text, not a list`,
      remedy: `write a list, or one reference such as \${{ params.questions }}`,
    },
  ];
}

function problemOfReference(
  text: string,
  flow: Flow,
  step: Step,
  {
    ancestors,
    inInstance,
  }: {
    readonly ancestors: ReadonlySet<string>;
    readonly inInstance: boolean;
  },
): { readonly message: string; readonly remedy: string } | undefined {
  const reference = parseReference(text);
  if (!reference.ok) {
    return { message: `step "${step.id}": ${reference.error}`, remedy: "correct the look-up" };
  }
  const [root, name = "", field] = reference.value;
  if (root === "item" || root === "index" || root === "feedback") {
    return problemOfContext({ root, name }, flow, step, inInstance);
  }
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

/** Look-ups that only some places have: an instance's item, and what a person said to a step. */
function problemOfContext(
  { root, name }: { readonly root: "item" | "index" | "feedback"; readonly name: string },
  flow: Flow,
  step: Step,
  inInstance: boolean,
): { readonly message: string; readonly remedy: string } | undefined {
  if (root === "feedback") {
    if (flow.steps.some(({ id }) => id === name)) return undefined;
    return {
      message: `step "${step.id}" looks up feedback to "${name}", which is not a step`,
      remedy: "name a step of this flow",
    };
  }
  if (inInstance) return undefined;
  return {
    message: `step "${step.id}" looks up "${root}", which only the input of a fan-out has`,
    remedy: "give the step a `foreach`, or look up a parameter",
  };
}
