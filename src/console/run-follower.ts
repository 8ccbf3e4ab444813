/**
 * Follows runs by the seq of their events.
 *
 * F1 The stream is the truth, Pub/Sub only says that there is something new: an event is folded in
 *    when it is the next one, and a gap is filled from the stream.
 * F2 After a reconnection every run under way is read up to its end.
 * F3 Runs of other sessions are left alone, once seen to be so, until another session is followed.
 */

import type { RedisConnection } from "../bus/connection.ts";
import { loadRunEvents } from "../bus/run-store.ts";
import type { RunId } from "../protocol/ids.ts";
import type { Names } from "../protocol/names.ts";
import { parseMessage } from "../protocol/parse-message.ts";
import type { RunEventData } from "../protocol/run-events.ts";
import { runEventDataSchema } from "../protocol/run-events.ts";
import type { RunView } from "./console-state.ts";
import { fitOf, withEvent } from "./run-view.ts";

/** Runs of other sessions remembered at most. */
const REMEMBERED_FOREIGN = 5000;

/** What a follower tells and asks. */
export interface FollowerListener {
  /** Whether runs of this session are followed. */
  follows(sessionId: string): boolean;
  /** A run has moved on by one event. */
  onEvent(before: RunView | undefined, after: RunView, data: RunEventData): void;
  onGap(): void;
  onProblem(cause: unknown): void;
}

/** Keeps the picture of the followed runs. */
export class RunFollower {
  readonly runs = new Map<RunId, RunView>();
  readonly #foreign = new Set<RunId>();
  readonly #again = new Set<RunId>();
  readonly #loading = new Map<RunId, Promise<void>>();
  #connection: RedisConnection | undefined;
  readonly #names: Names;
  readonly #listener: FollowerListener;

  constructor(connection: RedisConnection | undefined, names: Names, listener: FollowerListener) {
    this.#connection = connection;
    this.#names = names;
    this.#listener = listener;
  }

  /** Gives the follower its bus; until then it shows what it was given. */
  connect(connection: RedisConnection): void {
    this.#connection = connection;
  }

  /** Takes in the text of an `event.run` message. */
  receive(text: string): void {
    const message = parseMessage(text, runEventDataSchema);
    if (!message.ok || message.value.via !== "stream") return;
    const { data } = message.value;
    if (this.#foreign.has(data.runId)) return;
    if (this.#loading.has(data.runId)) {
      this.#again.add(data.runId); // F1: it may have come after the last read.
      return;
    }
    const run = this.runs.get(data.runId);
    const fit = fitOf(run, data);
    if (fit === "next") this.#apply(data);
    else if (fit === "gap") {
      if (run !== undefined) this.#listener.onGap();
      this.catchUp(data.runId).catch(this.#listener.onProblem); // F1
    }
  }

  /** Reads what the stream has of a run beyond what is known. */
  catchUp(runId: RunId): Promise<void> {
    const running = this.#loading.get(runId);
    if (running !== undefined) {
      this.#again.add(runId); // F2: what it has read may be from before the outage.
      return running;
    }
    const load = this.#load(runId).finally(() => this.#loading.delete(runId));
    this.#loading.set(runId, load);
    return load;
  }

  /** Forgets every run, those of other sessions too: another session is followed now. F3 */
  clear(): void {
    this.runs.clear();
    this.#foreign.clear();
  }

  /** Starts following from a picture kept elsewhere. */
  adopt(run: RunView): void {
    const known = this.runs.get(run.runId);
    if (known === undefined || known.seq < run.seq) this.runs.set(run.runId, run);
  }

  async #load(runId: RunId): Promise<void> {
    for (let more = true; more; ) {
      this.#again.delete(runId);
      const seq = this.runs.get(runId)?.seq ?? 0;
      if (this.#connection === undefined) return;
      const texts = await loadRunEvents(this.#connection, this.#names, runId, seq + 1);
      for (const text of texts) {
        const message = parseMessage(text, runEventDataSchema);
        if (message.ok) this.#apply(message.value.data);
      }
      const advanced = (this.runs.get(runId)?.seq ?? 0) > seq;
      more = (advanced || this.#again.has(runId)) && !this.#foreign.has(runId);
    }
  }

  #apply(data: RunEventData): void {
    const before = this.runs.get(data.runId);
    if (fitOf(before, data) !== "next" || this.#foreign.has(data.runId)) return;
    const after = withEvent(before, data);
    if (after === undefined) return;
    if (!this.#listener.follows(after.sessionId)) {
      if (this.#foreign.size >= REMEMBERED_FOREIGN) this.#foreign.clear();
      this.#foreign.add(data.runId); // F3
      return;
    }
    this.runs.set(data.runId, after);
    this.#listener.onEvent(before, after, data);
  }
}
