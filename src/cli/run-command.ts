/** What `run` is to do: which flow, with which parameters. */
import { dirname, parse, resolve } from "node:path";
import { OperatorError } from "../base/operator-error.ts";
import type { CataloguedFlow, CatalogueFolders } from "../console/catalogue.ts";
import { findModel, listFlows, readText } from "../console/catalogue.ts";
import type { RunComposer } from "../console/compose-run.ts";
import { remedyOf, unfitConstants } from "../console/compose-run.ts";
import type { ProgramTrust } from "../console/program-trust.ts";
import { refusalOfSteps } from "../console/program-trust.ts";
import type { Flow } from "../orchestrator/flow.ts";
import { parseFlow } from "../orchestrator/flow-file.ts";
import { checkParameters, readParameterText } from "../orchestrator/parameters.ts";
import type { ParameterValues } from "../protocol/parameter-values.ts";
import { escapeText } from "../ui/escape-text.ts";
import type { RunFlags } from "./run-flags.ts";
import { closestTo } from "./suggest.ts";

/** The flow that is run when none is named. */
export const BUILT_IN_FLOW = "simulation-qna-viz";

/** What is to be run. */
interface RunWish {
  readonly flow: CataloguedFlow;
  readonly parameters: ParameterValues;
  /** Where the flow and its models are found. */
  readonly folders: CatalogueFolders;
}

/** What models are asked before anything is started. */
type ModelChecks = Pick<RunComposer, "checkConstants" | "checkModel">;

/**
 * The wish of a command line, checked before anything is started.
 * @throws OperatorError `usage` for a flow, a parameter, a model or a program that cannot be used.
 */
export function runWishOf(
  [wanted = BUILT_IN_FLOW]: readonly string[],
  { set, question }: Pick<RunFlags, "set" | "question">,
  catalogue: CatalogueFolders,
  check: ModelChecks,
  trust: Pick<ProgramTrust, "refusal">,
): RunWish {
  const flow = findFlow(catalogue, wanted);
  const untrusted = refusalOfSteps(flow.flow.steps, trust);
  if (untrusted !== undefined) throw usage(escapeText(untrusted.message), untrusted.nextStep);
  const parameters = readParameters(flow.flow, set, question);
  const folders = withFlowFile(catalogue, flow);
  checkModels(flow.flow, parameters, folders, check);
  return { flow, parameters, folders };
}

/**
 * The flow of a name or a file.
 * @throws OperatorError `usage` when there is none, or its file has problems: each with its line.
 */
function findFlow(folders: CatalogueFolders, nameOrFile: string): CataloguedFlow {
  if (/\.ya?ml$/.test(nameOrFile)) return readOneFlow(nameOrFile, folders);
  const invalid: string[] = [];
  const flows = listFlows(folders, (file) => invalid.push(file));
  const flow = flows.find((one) => one.flow.name === nameOrFile);
  if (flow !== undefined) return flow;
  const meant = invalid.find((file) => parse(file).name === nameOrFile);
  if (meant !== undefined) return readOneFlow(meant, folders);
  const names = flows.map((one) => one.flow.name);
  const closest = closestTo(nameOrFile, names);
  throw usage(
    `there is no flow "${nameOrFile}"`,
    closest === undefined ? `the flows are ${names.join(", ")}` : `did you mean ${closest}?`,
  );
}

/**
 * Reads a flow file that was named by its path.
 * @throws OperatorError `usage` with every problem of the file.
 */
export function readFlowFile(
  path: string,
  { agents }: Pick<CatalogueFolders, "agents">,
): CataloguedFlow {
  const text = readText(path);
  if (!text.ok) throw usage(text.error, "check the path");
  const parsed = parseFlow(text.value, agents?.() ?? []);
  if (parsed.ok) return { flow: parsed.value, source: resolve(path), text: text.value };
  const problems = parsed.error.map(({ line, message, remedy }) => ({
    place: `${path}:${line}`,
    message,
    remedy,
  }));
  const [first, ...more] = problems;
  const others = more.length === 0 ? "" : ` (and ${more.length} more)`;
  throw new OperatorError({
    code: "usage",
    message: `${first?.place ?? path}: ${first?.message ?? "not a flow"}${others}`,
    nextStep: first?.remedy ?? "see aimie-console flows validate --help",
    ...(more.length === 0 ? {} : { problems }),
  });
}

/** A flow to be run: of a file with problems the first is enough. */
function readOneFlow(path: string, folders: CatalogueFolders): CataloguedFlow {
  try {
    return readFlowFile(path, folders);
  } catch (thrown) {
    if (!(thrown instanceof OperatorError) || thrown.problems.length < 2) throw thrown;
    const nextStep = `${thrown.nextStep}; aimie-console flows validate ${path} lists all`;
    const { code, message } = thrown;
    throw new OperatorError({ code, message, nextStep }, { cause: thrown });
  }
}

/**
 * Looks at the models that parameters name before anything is started.
 * @throws OperatorError `usage` for a model that is missing or cannot be simulated.
 */
function checkModels(
  flow: Flow,
  parameters: ParameterValues,
  folders: CatalogueFolders,
  check: ModelChecks,
): void {
  for (const [name, parameter] of Object.entries(flow.parameters)) {
    if (parameter.type !== "model") continue;
    const value = parameters[name] ?? parameter.default;
    if (typeof value !== "string") continue;
    const model = findModel(folders, value);
    if (!model.ok) throw usage(model.error, "name another model");
    const problem = check.checkModel(model.value);
    if (problem !== undefined) throw usage(`model ${value}: ${problem}`, remedyOf(model.value));
    const unfit = unfitConstants(check, model.value, { flow, parameters, name });
    if (unfit !== undefined) throw usage(`model ${value}: ${unfit.message}`, unfit.nextStep);
  }
}

/** The folders, with that of a flow's own file in front, so that the flow is found by its name. */
function withFlowFile(folders: CatalogueFolders, flow: CataloguedFlow): CatalogueFolders {
  if (!flow.source.startsWith("/")) return folders;
  return { ...folders, flows: [dirname(flow.source), ...folders.flows] };
}

/**
 * Reads `--set name=value` and `--question`; what is not named keeps the value it had before.
 * @throws OperatorError `usage` for an unknown name or an unfit value.
 */
export function readParameters(
  flow: Flow,
  assignments: readonly string[],
  question: string | undefined,
  before: ParameterValues = {},
): ParameterValues {
  const values: Record<string, ParameterValues[string]> = { ...before };
  const all = question === undefined ? assignments : [...assignments, `question=${question}`];
  for (const assignment of all) {
    const equals = assignment.indexOf("=");
    if (equals < 1) throw usage(`--set ${assignment} is not NAME=VALUE`, "write --set name=value");
    assign(flow, values, assignment.slice(0, equals), assignment.slice(equals + 1));
  }
  const checked = checkParameters(flow, values);
  if (!checked.ok) throw usage(checked.error.join("; "), `see aimie-console flows`);
  return values;
}

function assign(
  flow: Flow,
  values: Record<string, ParameterValues[string]>,
  path: string,
  text: string,
): void {
  const [name = "", ...rest] = path.split(".");
  const parameter = Object.hasOwn(flow.parameters, name) ? flow.parameters[name] : undefined;
  if (parameter === undefined) {
    const names = Object.keys(flow.parameters);
    const closest = closestTo(name, names);
    throw usage(
      `${flow.name} has no parameter "${name}"`,
      closest === undefined ? `it has ${names.join(", ")}` : `did you mean ${closest}?`,
    );
  }
  const member = rest.join(".");
  const source = member === "" ? text : `${member}=${text}`;
  const value = readParameterText(parameter, source);
  if (!value.ok) throw usage(`parameter "${path}" ${value.error}`, "correct the value");
  const before = values[name];
  values[name] =
    typeof value.value === "object" && typeof before === "object"
      ? { ...before, ...value.value }
      : value.value;
}

function usage(message: string, nextStep: string): OperatorError {
  return new OperatorError({ code: "usage", message, nextStep });
}
