/**
 * The console as a conversation in plain lines, for screen readers and terminals without a screen:
 * everything that happens is a sentence, everything that can be done is a word.
 */
import { createInterface } from "node:readline";
import type { ConsoleHandle } from "../console/console-handle.ts";
import type { EventLine, RunView } from "../console/console-state.ts";
import type { Intent } from "../console/intents.ts";
import { instancesOf } from "../orchestrator/instances.ts";
import { attemptText } from "../orchestrator/reuse.ts";
import { lastAttempt } from "../orchestrator/state.ts";
import type { StepKey } from "../protocol/ids.ts";
import { stepKeyOf, stepKeySchema } from "../protocol/ids.ts";
import { escapeText } from "../ui/escape-text.ts";
import { fanOutCounts, fanOutWords } from "../ui/panes/fan-out.ts";
import { followEvents } from "./follow-events.ts";
import type { Output } from "./output.ts";
import { answerOf, chartsOf } from "./run-json.ts";

const WORDS = [
  ["start [FLOW]", "start a run; without a name the offered flow"],
  ["ask QUESTION", "ask a question of the last run"],
  ["rerun STEP", "do a step and all that builds on it again"],
  ["cancel", "cancel the last run"],
  ["steps [STEP]", "where the steps of the last run stand, or the instances of a fan-out"],
  ["answer", "the answer and the charts of the last run"],
  ["runs", "the runs of this session"],
  ["agents", "the workers and what they do"],
  ["help", "these words"],
  ["quit", "leave"],
] as const;

/** What a typed line leads to: sentences to say, a wish to carry out, or the end. */
export type Reply =
  | { readonly kind: "say"; readonly lines: readonly string[] }
  | { readonly kind: "wish"; readonly intent: Intent; readonly said: string }
  | { readonly kind: "quit" };

const say = (...lines: readonly string[]): Reply => ({ kind: "say", lines });

/** Understands one line; pure. */
export function replyTo(
  line: string,
  handle: Pick<ConsoleHandle, "store" | "artifactPath">,
  offeredFlow: string,
): Reply {
  const [word = "", ...rest] = line.trim().split(/\s+/);
  const [run] = handle.store.getState().runs;
  const text = rest.join(" ");
  switch (word) {
    case "":
      return say();
    case "start":
      return {
        kind: "wish",
        intent: { type: "start-run", flowName: text || offeredFlow, parameters: {} },
        said: `Starting ${text || offeredFlow}.`,
      };
    case "help":
      return say(...WORDS.map(([usage, meaning]) => `${usage}: ${meaning}.`));
    case "quit":
    case "exit":
      return { kind: "quit" };
    case "runs":
      return say(...runLines(handle.store.getState().runs));
    case "agents":
      return say(...agentLines(handle));
    default:
      return run === undefined
        ? say(
            `There is no run yet, and "${word}" needs one or is no word I know. Type start or help.`,
          )
        : replyAboutRun(word, text, run, handle);
  }
}

function replyAboutRun(
  word: string,
  text: string,
  run: RunView,
  handle: Pick<ConsoleHandle, "artifactPath">,
): Reply {
  const { runId } = run;
  switch (word) {
    case "ask":
      if (text === "") return say("Ask what? Type ask and your question.");
      return {
        kind: "wish",
        intent: { type: "ask-question", runId, question: text },
        said: "Asking.",
      };
    case "rerun": {
      const key = stepKeySchema.safeParse(text);
      const names = Object.keys(run.state.steps);
      if (!key.success || !names.includes(text))
        return say(`Rerun which step? ${names.join(", ")}.`);
      const intent = { type: "rerun-step", runId, stepKey: key.data } as const;
      return { kind: "wish", intent, said: `Rerunning ${text} and all that builds on it.` };
    }
    case "cancel":
      return { kind: "wish", intent: { type: "cancel-run", runId }, said: "Cancelling." };
    case "steps":
      return say(...(text === "" ? stepSentences(run) : instanceSentences(run, text)));
    case "answer": {
      const answer = answerOf(run)?.answer ?? "There is no answer yet.";
      const charts = chartsOf(run, (artifact) => handle.artifactPath(artifact));
      return say(answer, ...charts.map(({ png }) => `Chart: ${png}`));
    }
    default:
      return say(`"${word}" is no word I know. Type help.`);
  }
}

/** A sentence per step; a fan-out is told as a whole. */
function stepSentences(run: RunView): readonly string[] {
  const { state, runId } = run;
  return [
    `Run ${runId} of ${state.origin.flow.name} is ${state.status}.`,
    ...state.origin.flow.steps.map(({ id }) => stepSentence(run, stepKeyOf(id))),
  ];
}

function instanceSentences(run: RunView, name: string): readonly string[] {
  const key = stepKeySchema.safeParse(name);
  const keys = key.success ? instancesOf(run.state, key.data) : [];
  const counts = key.success ? fanOutCounts(run, key.data) : undefined;
  if (!key.success || counts === undefined) return [`${name} is no step with instances.`];
  return [`${name}: ${fanOutWords(counts)}.`, ...keys.map((one) => stepSentence(run, one))];
}

function stepSentence(run: RunView, key: StepKey): string {
  const step = run.state.steps[key];
  if (step === undefined) return `${key}: not begun.`;
  const { progress, attempts } = step;
  const counts = fanOutCounts(run, key);
  const reason = progress.status === "skipped" ? `, ${progress.reason}` : "";
  const attempt = attempts.length === 0 ? "" : `, attempt ${attempts.length}`;
  const instances = counts === undefined ? "" : `, ${fanOutWords(counts)}`;
  const from = lastAttempt(step)?.cachedFrom;
  const cached = from === undefined ? "" : `, cached from ${attemptText(from)}`;
  return `${key}: ${progress.status}${reason}${attempt}${cached}${instances}.`;
}

function runLines(runs: readonly RunView[]): readonly string[] {
  if (runs.length === 0) return ["There is no run yet. Type start."];
  return runs.map(({ runId, state }) => `${runId}: ${state.origin.flow.name}, ${state.status}.`);
}

function agentLines({ store }: Pick<ConsoleHandle, "store">): readonly string[] {
  const { workers } = store.getState();
  if (workers.length === 0) return ["No worker is known yet."];
  return workers.map(({ slot, status }) => `${slot}: ${status}.`);
}

/** Talks until the operator quits, the input ends, or a signal comes. */
export async function converse(
  handle: ConsoleHandle,
  offeredFlow: string,
  output: Output,
  until: AbortSignal,
): Promise<void> {
  const tell = (line: string): void => output.out(escapeText(line));
  tell(`aimie-console. Type start to run ${offeredFlow}, help for the words, quit to leave.`);
  const stop = followEvents(handle, (event) => tell(sentenceOf(event)));
  const lines = createInterface({ input: process.stdin });
  const close = (): void => lines.close();
  until.addEventListener("abort", close);
  if (until.aborted) close();
  for await (const line of lines) {
    const reply = replyTo(line, handle, offeredFlow);
    if (reply.kind === "quit") break;
    if (reply.kind === "say") {
      for (const one of reply.lines) tell(one);
      continue;
    }
    tell(reply.said);
    const outcome = await handle.dispatch(reply.intent);
    if (!outcome.ok) tell(`That was not done: ${outcome.message}. ${outcome.nextStep}.`);
  }
  until.removeEventListener("abort", close);
  lines.close();
  stop();
}

function sentenceOf({ at, level, source, text }: EventLine): string {
  const time = new Date(at).toTimeString().slice(0, 8);
  const grave = level === "error" || level === "warning" ? `${level}: ` : "";
  return `${time} ${grave}${source}: ${text}`;
}
