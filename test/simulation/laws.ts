/** What must hold at every single change of the bus; throws at the first that does not. */
import { encodeState } from "../../src/orchestrator/codec.ts";
import { reduce } from "../../src/orchestrator/reduce.ts";
import type { RunState } from "../../src/orchestrator/state.ts";
import { hasEnded } from "../../src/orchestrator/state.ts";
import { parseMessage } from "../../src/protocol/parse-message.ts";
import { runEventDataSchema } from "../../src/protocol/run-events.ts";
import { taskDataSchema } from "../../src/protocol/tasks.ts";

/** What is known of a run from what was written. */
interface RunRecord {
  version: number;
  state: RunState | undefined;
  ends: number;
  isCancelled: boolean;
  reruns: number;
}

/** Watches everything that is written. */
export class Laws {
  readonly runs = new Map<string, RunRecord>();
  readonly #tasks = new Set<string>();
  readonly #counted = new Set<string>();
  readonly #handedIn = new Set<string>();

  /** Results that were handed in and are in no run's log. */
  get unrecorded(): readonly string[] {
    return [...this.#handedIn];
  }

  /** Takes in a result that was taken from its worker. */
  handIn(taskId: string): void {
    this.#handedIn.add(taskId);
  }

  /** Takes in the commands of one change. */
  check(commands: readonly (readonly string[])[]): void {
    for (const [name = "", key = "", ...rest] of commands) {
      const word = name.toUpperCase();
      if (word === "XADD" && key.includes(":ev:")) this.#event(rest);
      if (word === "XADD" && key.includes(":t:")) this.#task(rest);
      if (word === "HSET" && key.includes(":run:")) this.#version(key, rest);
    }
  }

  #version(key: string, fields: readonly string[]): void {
    const place = fields.indexOf("ver");
    if (place < 0) return;
    const runId = key.slice(key.indexOf(":run:") + 5);
    const run = this.#runOf(runId);
    const version = Number(fields[place + 1]);
    if (version !== run.version + 1) {
      throw new Error(`${runId}: version ${run.version} is followed by ${version}`);
    }
    run.version = version;
    const stored = fields[fields.indexOf("state") + 1];
    if (run.state !== undefined && stored !== encodeState(run.state)) {
      throw new Error(`${runId}: what is stored at ${version} is not what its events amount to`);
    }
  }

  #event(fields: readonly string[]): void {
    const message = parseMessage(fields.at(-1) ?? "", runEventDataSchema);
    if (!message.ok) throw new Error(message.error);
    const { runId, seq, event } = message.value.data;
    const run = this.#runOf(runId);
    if (seq !== run.version + 1) throw new Error(`${runId}: event ${seq} after ${run.version}`);
    const before = run.state;
    const decision = reduce(before, event);
    if (decision === undefined) throw new Error(`${runId}: its first event is ${event.type}`);
    [run.state] = decision;
    if (event.type === "result-received") {
      if (this.#counted.has(event.taskId)) throw new Error(`${event.taskId} counted twice`);
      this.#counted.add(event.taskId);
    }
    if (event.type === "result-received" || event.type === "result-ignored") {
      this.#handedIn.delete(event.taskId);
    }
    if (event.type === "cancel-requested") run.isCancelled = true;
    this.#ending(run, before, event.type === "rerun-requested");
  }

  /** What has ended stays as it is, unless a step of it is done again. */
  #ending(run: RunRecord, before: RunState | undefined, isRerun: boolean): void {
    const { state } = run;
    if (state === undefined) return;
    const { runId } = state.origin.spec;
    if (isRerun) run.reruns += 1;
    const wasOver = before !== undefined && hasEnded(before.status);
    if (wasOver && !isRerun && before.status !== state.status) {
      throw new Error(`${runId} was ${before.status} and became ${state.status}`);
    }
    if (!wasOver && hasEnded(state.status)) {
      run.ends += 1;
      const hasFailed = Object.values(state.steps).some(
        ({ progress }) => progress.status === "failed",
      );
      const isExplained = state.status === "succeeded" || hasFailed || run.isCancelled;
      if (!isExplained) throw new Error(`${runId} is ${state.status}, and nothing has failed`);
    }
    if (run.ends > run.reruns + 1) throw new Error(`${runId} ended ${run.ends} times`);
  }

  /** Called after the event that dispatched it. */
  #task(fields: readonly string[]): void {
    const message = parseMessage(fields.at(-1) ?? "", taskDataSchema);
    if (!message.ok) throw new Error(message.error);
    const { subject = "", runid = "", stepid = "" } = message.value;
    if (this.#tasks.has(subject)) throw new Error(`${subject} was ordered twice`);
    this.#tasks.add(subject);
    const { state } = this.#runOf(runid);
    const step = state?.origin.flow.steps.find(({ id }) => id === String(stepid));
    for (const need of step?.needs ?? []) {
      const status = Object.entries(state?.steps ?? {}).find(([key]) => key === String(need));
      if (status?.[1].progress.status !== "succeeded") {
        throw new Error(`${subject} was ordered before ${need} had succeeded`);
      }
    }
  }

  #runOf(runId: string): RunRecord {
    const known = this.runs.get(runId) ?? {
      version: 0,
      state: undefined,
      ends: 0,
      reruns: 0,
      isCancelled: false,
    };
    this.runs.set(runId, known);
    return known;
  }
}
