/** Composes the request for a run: everything it needs, so that it can be done again later. */
import { z } from "zod";
import type { Random } from "../base/random.ts";
import { randomName } from "../base/random.ts";
import type { Result } from "../base/result.ts";
import { err, ok } from "../base/result.ts";
import { constantsOf } from "../orchestrator/constants-of.ts";
import type { Flow } from "../orchestrator/flow.ts";
import { parseFlow } from "../orchestrator/flow-file.ts";
import { checkParameters } from "../orchestrator/parameters.ts";
import type { ForkPlan } from "../orchestrator/plan-fork.ts";
import { outputOf } from "../orchestrator/state.ts";
import { MAXIMUM_MESSAGE_BYTES } from "../protocol/envelope.ts";
import type { RunId, SessionId } from "../protocol/ids.ts";
import { runIdSchema, stepIdSchema, stepKeyOf } from "../protocol/ids.ts";
import type { ParameterValues } from "../protocol/parameter-values.ts";
import type { RunSpec } from "../protocol/run-events.ts";
import type { CataloguedFlow, FoundModel } from "./catalogue.ts";
import type { RunView } from "./console-state.ts";
import type { ProgramTrust, WishProblem } from "./program-trust.ts";
import { refusalOfSteps } from "./program-trust.ts";

/** A model as the check before a run sees it. */
export type CheckedModel = Pick<FoundModel, "name" | "text" | "commandFile">;

/** What composing a run needs from outside. */
export interface RunComposer {
  readonly random: Random;
  findModel(nameOrPath: string): Result<CheckedModel, string>;
  /** Why a model cannot be used; undefined when it can. */
  checkModel(model: CheckedModel): string | undefined;
  /** Why a model that can be used does not take these values of its constants. */
  checkConstants(
    model: CheckedModel,
    values: Readonly<Record<string, number>>,
  ): WishProblem | undefined;
  readonly trust: Pick<ProgramTrust, "wanted" | "refusal">;
}

/** What is wished for. */
export interface RunWish {
  readonly flow: CataloguedFlow;
  readonly parameters: ParameterValues;
  readonly sessionId: SessionId;
  readonly basedOn?: RunView;
  readonly noCache?: boolean;
}

/** Length of a run's name: 50 bits, enough never to meet the same one twice. */
const RUN_NAME_LENGTH = 10;

/** The request for a run, checked as far as it can be before anything is sent. */
export function composeRun(composer: RunComposer, wish: RunWish): Result<RunSpec, WishProblem> {
  const { flow } = wish.flow;
  const checked = checkParameters(flow, wish.parameters);
  if (!checked.ok) {
    return err({ message: checked.error.join("; "), nextStep: "correct the parameters" });
  }
  const untrusted = refusalOfSteps(flow.steps, composer.trust);
  if (untrusted !== undefined) return err(untrusted);
  const collected = collectModels(composer, wish.flow, checked.value);
  if (!collected.ok) return collected;
  const { models, parameters } = collected.value;
  const outputs = wish.basedOn === undefined ? ok(undefined) : outputsOf(wish.basedOn);
  if (!outputs.ok) return outputs;
  return ok({
    runId: newRunId(composer.random),
    sessionId: wish.sessionId,
    flowName: flow.name,
    flowText: wish.flow.text,
    parameters,
    models,
    ...(wish.basedOn === undefined ? {} : { basedOn: wish.basedOn.runId }),
    ...(wish.noCache === true ? { noCache: true } : {}),
    ...(outputs.value === undefined ? {} : { basedOnOutputs: outputs.value }),
  });
}

/** The request for a run forked from another: what the plan takes over, and the models' texts. */
export function composeFork(
  composer: RunComposer,
  run: RunView,
  { request, reset }: ForkPlan,
): Result<RunSpec, WishProblem> {
  const parsed = parseFlow(request.flowText, "any");
  if (!parsed.ok) return err({ message: "the flow is not valid", nextStep: "correct the flow" });
  const { spec } = run.state.origin;
  const frozen: RunComposer = {
    ...composer,
    /** A model the run already had stays as it was, whatever its file says now. */
    findModel: (name) => {
      const text = spec.models[name];
      return text === undefined ? composer.findModel(name) : ok({ name, text });
    },
  };
  const again = parsed.value.steps.filter(({ id }) => reset.includes(stepKeyOf(id)));
  const untrusted = refusalOfSteps(again, composer.trust);
  if (untrusted !== undefined) return err(untrusted);
  const flow = { flow: parsed.value, text: request.flowText };
  const collected = collectModels(frozen, flow, request.parameters);
  if (!collected.ok) return collected;
  return ok({
    runId: newRunId(composer.random),
    sessionId: spec.sessionId,
    flowName: parsed.value.name,
    flowText: request.flowText,
    parameters: collected.value.parameters,
    models: collected.value.models,
    ...(spec.basedOn === undefined ? {} : { basedOn: spec.basedOn }),
    ...(spec.basedOnOutputs === undefined ? {} : { basedOnOutputs: spec.basedOnOutputs }),
    forkedFrom: run.runId,
    fork: request.fork,
  });
}

function newRunId(random: Random): RunId {
  return runIdSchema.parse(randomName(random, RUN_NAME_LENGTH));
}

function collectModels(
  composer: RunComposer,
  { flow }: Pick<CataloguedFlow, "flow">,
  parameters: ParameterValues,
): Result<{ models: Record<string, string>; parameters: ParameterValues }, WishProblem> {
  const models: Record<string, string> = {};
  const named = { ...parameters };
  for (const [name, parameter] of Object.entries(flow.parameters)) {
    const value = parameters[name];
    if (parameter.type !== "model" || typeof value !== "string") continue;
    const model = usableModel(composer, value);
    if (!model.ok) return model;
    const unfit = unfitConstants(composer, model.value, { flow, parameters, name });
    if (unfit !== undefined) return err(unfit);
    named[name] = model.value.name;
    if (model.value.commandFile !== undefined) continue; // Messages carry its name alone.
    if (model.value.text.length > MAXIMUM_MESSAGE_BYTES / 2) {
      return err({
        message: `model ${value} is larger than ${MAXIMUM_MESSAGE_BYTES / 2048} KiB`,
        nextStep: "remove its <views> section, which the simulation does not need",
      });
    }
    models[model.value.name] = model.value.text;
  }
  return ok({ models, parameters: named });
}

/** Why the values a run gives to the constants of its model, the one that `name` names, do not fit. */
export function unfitConstants(
  { checkConstants }: Pick<RunComposer, "checkConstants">,
  model: CheckedModel,
  {
    flow,
    parameters,
    name,
  }: { readonly flow: Flow; readonly parameters: ParameterValues; readonly name: string },
): WishProblem | undefined {
  for (const [numbers, modelName] of constantsOf(flow)) {
    const values = numbersSchema.safeParse(parameters[numbers]);
    const problem =
      modelName === name && values.success ? checkConstants(model, values.data) : undefined;
    if (problem !== undefined) return problem;
  }
  return undefined;
}

const numbersSchema = z.record(z.string(), z.number());

function usableModel(composer: RunComposer, wanted: string): Result<CheckedModel, WishProblem> {
  const model = composer.findModel(wanted);
  if (!model.ok) return err({ message: model.error, nextStep: "name another model" });
  const problem = composer.checkModel(model.value);
  if (problem === undefined) return model;
  const trust = composer.trust.wanted(model.value);
  const told = { message: `model ${wanted}: ${problem}`, nextStep: remedyOf(model.value) };
  return err(trust === undefined ? told : { ...told, trust });
}

/** What to do about a model that cannot be used: only a command model waits for trust. */
export function remedyOf({ name, commandFile }: CheckedModel): string {
  return commandFile === undefined
    ? "correct the model's file"
    : `look at its file and its program, then aimie-console trust ${name}`;
}

function outputsOf(run: RunView): Result<RunSpec["basedOnOutputs"], WishProblem> {
  const entries = Object.entries(run.state.steps).flatMap(([key, step]) => {
    const output = outputOf(step);
    return output === undefined || key.includes("[") ? [] : [[key, output] as const];
  });
  const simulation = entries.find(([key]) => key === stepIdSchema.parse("simulation"));
  if (simulation === undefined) {
    return err({
      message: `run ${run.runId} has no results to ask about`,
      nextStep: "choose a run whose simulation has succeeded",
    });
  }
  return ok(Object.fromEntries(entries));
}
