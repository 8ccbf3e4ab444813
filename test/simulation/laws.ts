/** What must hold at every single change of the bus; throws at the first that does not. */
import { encodeState } from "../../src/orchestrator/codec.ts";
import { reduce } from "../../src/orchestrator/reduce.ts";
import type { RunState } from "../../src/orchestrator/state.ts";
import { hasEnded } from "../../src/orchestrator/state.ts";
import { taskIdOf } from "../../src/protocol/ids.ts";
import { parseMessage } from "../../src/protocol/parse-message.ts";
import type { RunEvent } from "../../src/protocol/run-events.ts";
import { runEventDataSchema } from "../../src/protocol/run-events.ts";
import { taskDataSchema } from "../../src/protocol/tasks.ts";

/** What is known of a run from what was written. */
interface RunRecord {
  version: number;
  state: RunState | undefined;
  ends: number;
  isCancelled: boolean;
  reruns: number;
  /** What the bus has of its log. */
  events: RunEvent[];
}

/** Watches everything that is written. */
export class Laws {
  readonly runs = new Map<string, RunRecord>();
  readonly #tasks = new Set<string>();
  readonly #counted = new Set<string>();
  readonly #handedIn = new Set<string>();
  /** Results that must not be asked for again, though the bus may have lost them. */
  readonly #kept = new Set<string>();
  #losses = 0;
  /** Results that were taken from the cache. */
  reused = 0;

  /** Results that were handed in and are in no run's log. */
  get unrecorded(): readonly string[] {
    return [...this.#handedIn];
  }

  /** Takes in a result that was taken from its worker. */
  handIn(taskId: string): void {
    this.#handedIn.add(taskId);
  }

  /**
   * The bus went back to an earlier state: to `versions` of its runs. Results that are `kept`
   * elsewhere will be given back to it.
   */
  lose(versions: ReadonlyMap<string, number>, kept: readonly string[]): void {
    this.#losses += 1;
    this.#tasks.clear();
    this.#counted.clear();
    this.#handedIn.clear();
    this.#kept.clear();
    for (const taskId of kept) this.#kept.add(taskId);
    for (const [runId, { events }] of [...this.runs]) {
      this.runs.delete(runId);
      const run = this.#runOf(runId);
      for (const event of events.slice(0, versions.get(runId) ?? 0)) {
        this.#fold(runId, run, event);
        run.version += 1;
      }
    }
  }

  /** Takes in the commands of one change. */
  check(commands: readonly (readonly string[])[]): void {
    for (const [name = "", key = "", ...rest] of commands) {
      const word = name.toUpperCase();
      if (word === "XADD") this.#added(key, rest);
      if (word === "HSET" && key.includes(":run:")) this.#version(key, rest);
    }
  }

  #added(key: string, fields: readonly string[]): void {
    if (key.includes(":ev:")) this.#event(fields);
    if (key.includes(":t:")) this.#task(fields);
    // A result of a run that is lost for good has nowhere to be recorded.
    if (key.endsWith(":dlq") && this.#losses > 0) this.#setAside(fields);
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
    this.#fold(runId, run, event);
  }

  #fold(runId: string, run: RunRecord, event: RunEvent): void {
    const before = run.state;
    const decision = reduce(before, event);
    if (decision === undefined) throw new Error(`${runId}: its first event is ${event.type}`);
    [run.state] = decision;
    run.events.push(event);
    if (event.type === "result-received") {
      if (this.#counted.has(event.taskId)) throw new Error(`${event.taskId} counted twice`);
      this.#counted.add(event.taskId);
    }
    if (event.type === "result-reused") {
      const { runId: source, stepKey, attempt } = event.from;
      const from = taskIdOf(source, stepKey, attempt);
      if (this.#losses === 0 && !this.#counted.has(from)) {
        throw new Error(`${runId} took the result of ${from}, which has none`);
      }
      this.reused += 1;
    }
    if (event.type === "result-received" || event.type === "result-ignored") {
      this.#handedIn.delete(event.taskId);
    }
    if (event.type === "cancel-requested") run.isCancelled = true;
    this.#ending(run, before, event.type === "rerun-requested");
  }

  #setAside(fields: readonly string[]): void {
    const text = fields[fields.indexOf("text") + 1] ?? "";
    for (const taskId of this.#handedIn) {
      if (text.includes(`"subject":"${taskId}"`)) this.#handedIn.delete(taskId);
    }
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
      const isLost = run.events[0]?.type === "run-lost";
      const isExplained = state.status === "succeeded" || hasFailed || run.isCancelled || isLost;
      if (!isExplained) throw new Error(`${runId} is ${state.status}, and nothing has failed`);
    }
    if (run.ends > run.reruns + 1) throw new Error(`${runId} ended ${run.ends} times`);
  }

  /** Called after the event that dispatched it. */
  #task(fields: readonly string[]): void {
    const message = parseMessage(fields.at(-1) ?? "", taskDataSchema);
    if (!message.ok) throw new Error(message.error);
    const { subject = "", runid = "", stepid = "" } = message.value;
    if (this.#losses === 0 && this.#tasks.has(subject)) {
      throw new Error(`${subject} was ordered twice`);
    }
    if (this.#counted.has(subject) || this.#kept.has(subject)) {
      throw new Error(`${subject} was ordered again, though its result is recorded`);
    }
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
      events: [],
    };
    this.runs.set(runId, known);
    return known;
  }
}
