/** `logs`: what the steps of a run logged; with `-f` then what they log. */
import type { LogLine, RunView } from "../console/console-state.ts";
import type { TaskId } from "../protocol/ids.ts";
import { escapeText } from "../ui/escape-text.ts";
import type { OutputForm } from "./flag.ts";
import { watchRun } from "./follow-run.ts";
import { stepOf } from "./rerun-wish.ts";
import { readRun } from "./show-run.ts";
import type { VerbContext } from "./verb.ts";

/** What is wanted of the log. */
interface LogFlags {
  readonly follow: boolean;
  readonly step?: string | undefined;
}

/** A log line with the step it is of; null when the run knows no such task any more. */
interface StepLine extends LogLine {
  readonly step: string | null;
}

/** Prints the log lines of a run; resolves with the exit code. */
export async function showLogs(context: VerbContext<LogFlags>): Promise<number> {
  const { config, flags, output, operands } = context;
  const all: StepLine[] = [];
  let last: LogLine | undefined;
  let shown: RunView | undefined;
  const show = (run: RunView): void => {
    if (shown === undefined && flags.step !== undefined) stepOf(run.state, flags.step);
    shown = run;
    const lines = run.logs.slice(last === undefined ? 0 : run.logs.indexOf(last) + 1);
    last = lines.at(-1) ?? last;
    for (const line of stepLines(run, lines).filter((one) => isOf(one, flags.step))) {
      if (flags.output === "json") all.push(line);
      else output.out(lineText(line, flags.output));
    }
  };
  let code = 0;
  if (flags.follow) code = await watchRun(context, ({ run }) => show(run));
  else show(await readRun(config, operands[0] ?? "", output));
  if (flags.output === "json" && shown !== undefined) {
    output.out(JSON.stringify({ version: 1, run: shown.runId, lines: all }));
  }
  return code;
}

function stepLines({ state }: RunView, lines: readonly LogLine[]): readonly StepLine[] {
  const steps = new Map<TaskId, string>();
  for (const [key, { attempts }] of Object.entries(state.steps)) {
    for (const { taskId } of attempts) steps.set(taskId, key);
  }
  return lines.map((line) => ({ step: steps.get(line.taskId) ?? null, ...line }));
}

/** Whether a line is of a step or, of a fan-out, of one of its instances. */
function isOf({ step }: StepLine, wanted: string | undefined): boolean {
  return wanted === undefined || step === wanted || step?.startsWith(`${wanted}[`) === true;
}

function lineText(line: StepLine, form: OutputForm): string {
  if (form === "jsonl") return JSON.stringify({ type: "log", ...line });
  const time = new Date(line.at).toISOString().slice(11, 23);
  return `${time} ${line.taskId} ${line.level}: ${escapeText(line.text)}`;
}
