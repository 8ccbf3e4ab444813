/** Why something cannot be done now; null when it can. */
import { planRerun } from "../../orchestrator/plan-rerun.ts";
import { hasEnded, isUnderWay, outputOf } from "../../orchestrator/state.ts";
import type { StepEdit } from "../../orchestrator/step-edit.ts";
import { stepEdit } from "../../orchestrator/step-edit.ts";
import { answerSources } from "./answer-sources.ts";
import { comparisonsFor } from "./comparison.ts";
import type { PlannedWish } from "./plan-dialog.ts";
import { wishOf } from "./plan-dialog.ts";
import { startableFlows } from "./run-form.ts";
import type { Screen, View } from "./screen.ts";
import {
  artifactOf,
  selectedRun,
  selectedSession,
  selectedStep,
  selectedTopic,
  selectedWorker,
  stepToApprove,
} from "./selection.ts";

/** Tells why an action is not possible. */
export type DisabledReason = (screen: Screen, view: Pick<View, "state">) => string | null;

const NO_RUN = "there is no run yet: n starts one";

/** A new run needs a flow. */
export const whyNoNewRun: DisabledReason = (_screen, { state }) =>
  startableFlows(state).length === 0 ? "no flow is known to this console" : null;

/** A plan must be one that can be carried out. */
export const whyNoPlan =
  (kind: PlannedWish): DisabledReason =>
  (screen, { state }) => {
    const selected = selectedStep(screen, state);
    if (selected === undefined) return NO_RUN;
    const { refusal } = planRerun(selected.run.state, wishOf(kind, selected.key));
    if (refusal === undefined) return null;
    return refusal.nextStep === undefined
      ? refusal.message
      : `${refusal.message}: ${refusal.nextStep}`;
  };

/** What is edited must be there; a run under way can be forked too. */
export const whyNoEdit =
  (part: StepEdit["part"]): DisabledReason =>
  (screen, { state }) => {
    const selected = selectedStep(screen, state);
    if (selected === undefined) return NO_RUN;
    const edit = stepEdit(selected.run.state, selected.key, part);
    return edit.ok ? null : edit.error;
  };

/** A run's parameters can be changed when its flow declares some. */
export const whyNoChange: DisabledReason = (screen, { state }) => {
  const run = selectedRun(screen, state);
  if (run === undefined) return NO_RUN;
  const { flow, spec } = run.state.origin;
  if (spec.basedOn !== undefined) return "this run is an answer: a asks again";
  return Object.keys(flow.parameters).length === 0 ? `${flow.name} has no parameters` : null;
};

/** Only a run under way can be paused. */
export const whyNoPause: DisabledReason = (screen, { state }) => {
  const run = selectedRun(screen, state);
  if (run === undefined) return NO_RUN;
  return isUnderWay(run.state.status) ? null : `the run is ${run.state.status}: nothing to pause`;
};

/** Something must wait for a person. */
export const whyNoApproval: DisabledReason = (screen, { state }) => {
  if (selectedRun(screen, state) === undefined) return NO_RUN;
  return stepToApprove(screen, state) === undefined
    ? "no step of this run waits for approval"
    : null;
};

/** Only a run under way can be cancelled. */
export const whyNoCancel: DisabledReason = (screen, { state }) => {
  const run = selectedRun(screen, state);
  if (run === undefined) return NO_RUN;
  if (run.state.status === "cancelling") return "the run is being cancelled already";
  return hasEnded(run.state.status) ? `the run has ${run.state.status}: nothing to cancel` : null;
};

/** A question needs results to be about. */
export const whyNoQuestion: DisabledReason = (screen, { state }) => {
  const run = selectedRun(screen, state);
  if (run === undefined) return NO_RUN;
  if (run.state.origin.spec.basedOn !== undefined) return null;
  const hasOutput = Object.values(run.state.steps).some((step) => outputOf(step) !== undefined);
  return hasOutput ? null : "the run has no result to ask about yet";
};

/** A step must be there to be explained, zoomed into or copied. */
export const whyNoStep: DisabledReason = (screen, { state }) =>
  selectedStep(screen, state) === undefined ? NO_RUN : null;

/** A comparison needs another side. */
export const whyNoDiff: DisabledReason = (screen, { state }) => {
  if (selectedRun(screen, state) === undefined) return NO_RUN;
  return comparisonsFor(screen, state).length > 0
    ? null
    : "nothing to compare with: rerun a step, fork the run, or mark a run with space in the runs pane";
};

/** Another other side must be there. */
export const whyNoOther: DisabledReason = (screen, { state }) =>
  comparisonsFor(screen, state).length > 1 ? null : "there is nothing else to compare with";

/** An answer must be selected, and have numbers. */
export const whyNoSources: DisabledReason = (screen, { state }) => {
  const selected = selectedStep(screen, state);
  if (selected === undefined) return NO_RUN;
  const sources = answerSources(selected);
  if (sources === undefined) return `${selected.key} has no answer: select a step that gave one`;
  return sources.numbers.length === 0 ? "there is no number in this answer" : null;
};

/** Something must have been done that can be taken back. */
export const whyNoUndo: DisabledReason = (screen) =>
  screen.undo === null
    ? "nothing to take back: it can be a session's new name, or a form that was closed"
    : null;

/** Only an output with a file can be opened. */
export const whyNoArtifact: DisabledReason = (screen, { state }) => {
  const selected = selectedStep(screen, state);
  if (selected === undefined) return NO_RUN;
  return artifactOf(selected.step) === undefined
    ? `${selected.key} has no file to open; select a step that has one`
    : null;
};

/** Only an own worker can be restarted. */
export const whyNoRestart: DisabledReason = (screen, { state }) => {
  const worker = selectedWorker(screen, state);
  if (worker === undefined) return "no worker is known yet";
  return worker.own ? null : `${worker.slot} was started by another console`;
};

/** Of any agent there can be one worker more. */
export const whyNoScaleUp: DisabledReason = (screen, { state }) =>
  selectedWorker(screen, state) === undefined ? "no worker is known yet" : null;

/** The last own worker of an agent stays. */
export const whyNoScaleDown: DisabledReason = (screen, { state }) => {
  const worker = selectedWorker(screen, state);
  if (worker === undefined) return "no worker is known yet";
  const own = state.workers.filter((one) => one.own && one.agent === worker.agent);
  if (own.length === 0) return `${worker.slot} was started by another console`;
  return own.length === 1 ? `the last ${worker.agent} worker stays` : null;
};

/** A topic must be there to be opened. */
export const whyNoTopic: DisabledReason = (screen, { state }) =>
  selectedTopic(screen, state) === undefined ? "no topic is known yet" : null;

/** A session must be there to be opened, renamed or deleted. */
export const whyNoSession: DisabledReason = (screen, { state }) =>
  selectedSession(screen, state) === undefined ? "there is no session" : null;

/** The open session stays. */
export const whyNoDelete: DisabledReason = (screen, view) => {
  const session = selectedSession(screen, view.state);
  if (session === undefined) return "there is no session";
  return session.sessionId === view.state.session?.sessionId
    ? "the open session cannot be deleted: open another one first"
    : null;
};

/** Earlier questions are there for a question, not for a name. */
export const whyNoQuestions: DisabledReason = ({ dialog }, { state }) =>
  dialog?.kind === "prompt" && dialog.purpose.kind === "ask" && state.questions.length > 0
    ? null
    : "there is nothing earlier to bring back";
