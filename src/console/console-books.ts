/**
 * The mutable books behind the picture: what came in, kept until the next flush.
 *
 * B1 The store is written here and nowhere else.
 * B2 A slice is replaced only when it has changed, so that a pane of another slice stays as it is.
 */

import type { StoreApi } from "zustand/vanilla";
import { createStore } from "zustand/vanilla";
import type { SupervisedWorker } from "../agents/supervisor/supervised-slot.ts";
import { describeGivingUp } from "../agents/supervisor/worker-state.ts";
import { errorMessage } from "../base/error-message.ts";
import { randomName } from "../base/random.ts";
import type { RedisConnection } from "../bus/connection.ts";
import { historyOf } from "../orchestrator/history.ts";
import { hasEnded } from "../orchestrator/state.ts";
import type { RunId, SessionId } from "../protocol/ids.ts";
import { runIdSchema, sessionIdSchema, taskIdSchema } from "../protocol/ids.ts";
import { namesOf, topicNames } from "../protocol/names.ts";
import { parseMessage } from "../protocol/parse-message.ts";
import type { RunEventData } from "../protocol/run-events.ts";
import { heartbeatDataSchema, progressDataSchema } from "../protocol/telemetry.ts";
import { describeFileDamage } from "../session/open-database.ts";
import { MISSING } from "../session/run-table.ts";
import { BusHealth } from "./bus-health.ts";
import type { CataloguedFlow } from "./catalogue.ts";
import { listFlows, listModels, ownAgents } from "./catalogue.ts";
import type { BooksOptions } from "./console-options.ts";
import type {
  BusView,
  ConsoleState,
  EventLine,
  Notice,
  RunView,
  SessionSummary,
} from "./console-state.ts";
import { damageTeller } from "./damage-teller.ts";
import { describeEvent } from "./describe-event.ts";
import { keepSame, newestFirst, steadyWorkers } from "./pictures.ts";
import { Ring } from "./ring.ts";
import { RunFollower } from "./run-follower.ts";
import { withProgress } from "./run-view.ts";
import { storeWriter } from "./store-writer.ts";
import { TopicMonitor } from "./topic-monitor.ts";
import { WorkerBoard } from "./worker-board.ts";

/** Event lines kept. */
const KEPT_EVENTS = 100_000;

/** Runs of a session shown at most; older ones stay in the local store. */
const SHOWN_RUNS = 200;

/** Runs held in memory at most, as far as they have ended. */
const HELD_RUNS = 500;

/** See the head of this file. */
export class ConsoleBooks {
  readonly store: StoreApi<ConsoleState>;
  readonly events = new Ring<EventLine>(KEPT_EVENTS);
  readonly topics = new TopicMonitor();
  readonly board = new WorkerBoard();
  readonly #workersShown = steadyWorkers(this.board);
  readonly #options: BooksOptions;
  #flows: readonly CataloguedFlow[] = [];
  readonly #follower: RunFollower;
  #connected = false;
  #made: SessionId | undefined;
  #sessionId: SessionId | undefined;
  readonly #health: BusHealth;
  readonly #keep: (write: () => void) => void;
  #notice: Notice | null = null;
  #runsChanged = false;
  #sessionsChanged = false;

  constructor(options: BooksOptions) {
    this.#options = options;
    this.#health = new BusHealth(options.clock.now());
    this.#keep = storeWriter((problem) => {
      this.tell("error", "session", problem);
      options.log("error", `could not write to the local store: ${problem}`);
    });
    this.store = createStore<ConsoleState>(() => ({
      session: null,
      bus: {
        kind: options.expectedBus,
        address: "",
        namespace: options.namespace,
        unparsable: 0,
        ...this.#health.view(),
      },
      runs: [],
      workers: [],
      topics: this.topics.views(options.clock.now()),
      sessions: [],
      flows: [],
      models: [],
      constants: new Map(),
      questions: [],
      eventsVersion: 0,
      messagesVersion: 0,
      notice: null,
      now: options.clock.now(),
      logFile: options.logFile,
    }));
    this.#follower = new RunFollower(undefined, namesOf(options.namespace), {
      follows: (sessionId) => options.follow === "all" || sessionId === this.#sessionId,
      onEvent: (before, after, data) => this.#record(before, after, data),
      onGap: () => this.#health.countGap(),
      onProblem: (cause) => this.tell("warning", "bus", errorMessage(cause)),
    });
    options.store.onDamage(
      damageTeller((text) => this.tell("error", "session", `the session store: ${text}`)),
    );
    this.readCatalogue();
  }

  /** Says which bus was found. */
  setBus(kind: BusView["kind"], address: string): void {
    this.store.setState({ bus: { ...this.store.getState().bus, kind, address } });
  }

  /** Gives the books their connection. */
  connect(connection: RedisConnection): void {
    this.#follower.connect(connection);
    this.#connected = true;
  }

  /** The runs of the open session, by id. */
  get runs(): ReadonlyMap<RunId, RunView> {
    return this.#follower.runs;
  }

  get sessionId(): SessionId | undefined {
    return this.#sessionId;
  }

  get flows(): readonly CataloguedFlow[] {
    return this.#flows;
  }

  /** Reads the flow and model folders again. */
  readCatalogue(): void {
    this.#flows = listFlows(this.#options.folders, (file, problems) => {
      const [first] = problems;
      const place = first === undefined ? file : `${file}:${first.line}: ${first.message}`;
      this.tell("warning", "console", `flow not usable: ${place}`);
    });
    this.store.setState({ flows: this.#flows, models: listModels(this.#options.folders) });
    this.topics.expect(topicNames(ownAgents(this.#options.folders)));
  }

  /** Opens a session by name or id, made when missing; without a name the last one or a new one. */
  openSession(wanted: string | undefined): void {
    const { store } = this.#options;
    if (store.damage !== null) {
      this.tell("error", "session", describeFileDamage(store.damage));
    }
    const found = wanted === undefined ? undefined : store.findSession(wanted);
    if (found?.status === "unique") this.#switchTo(found.value.sessionId);
    else if (wanted === undefined) {
      const latest = store.latestSession();
      if (latest === undefined) this.#made = this.newSession(this.#defaultName());
      else this.#switchTo(latest.sessionId);
    } else this.#made = this.newSession(wanted);
    this.store.setState({ questions: store.recentQuestions() });
    void this.catchUp();
  }

  /** A question was asked: the next one begins with it at hand. */
  noteQuestion(question: string): void {
    const others = this.store.getState().questions.filter((one) => one !== question);
    this.store.setState({ questions: [question, ...others] });
  }

  /** Makes a session and opens it. */
  newSession(name: string): SessionId {
    const id = sessionIdSchema.parse(`s-${randomName(this.#options.random, 8)}`);
    this.#options.store.record(id, { type: "session-created", name });
    this.#switchTo(id);
    return id;
  }

  /** Shows another session. */
  #switchTo(sessionId: SessionId): void {
    const { store } = this.#options;
    store.entries(sessionId); // What cannot be read of them is told of.
    this.#sessionId = sessionId;
    this.#follower.clear();
    for (const row of store.listRuns(sessionId).slice(0, SHOWN_RUNS)) this.#adopt(row);
    this.#runsChanged = true;
    this.#sessionsChanged = true;
    this.flush();
  }

  /** Takes a run of the local store into the picture. */
  #adopt({ runId, sessionId }: Pick<RunView, "runId" | "sessionId">): void {
    const { store } = this.#options;
    const log = store.runEvents(runId);
    for (const { key } of log.damage.filter(({ reason }) => reason === MISSING)) {
      this.tell("error", "session", `event ${key} is missing`);
    }
    const { state, seq } = store.runState(runId); // What lies behind a gap was never seen in order.
    if (state === undefined) return;
    const logs = store.logLines(runId);
    const history = historyOf(log.events.filter((one) => one.seq <= seq));
    this.#follower.adopt({ runId, sessionId, seq, state, history, progress: {}, logs });
  }

  /** A run of any session, with what the bus knows of it. */
  async lookUp(runId: RunId): Promise<RunView | undefined> {
    if (!this.runs.has(runId)) {
      const found = this.#options.store.findRun(runId);
      if (found.status === "unique" && found.value.runId === runId) this.#adopt(found.value);
    }
    const known = this.runs.get(runId);
    if (this.#connected && (known === undefined || !hasEnded(known.state.status))) {
      await this.#follower.catchUp(runId);
    }
    return this.runs.get(runId);
  }

  /**
   * A session was made because none was known: now that the mirror has been read, the one that was
   * meant takes its place.
   */
  preferKnown(): void {
    const { store, session } = this.#options;
    const made = this.#made;
    this.#made = undefined;
    if (made === undefined || made !== this.#sessionId || store.listRuns(made).length > 0) return;
    const others = store.listSessions().filter((one) => one.sessionId !== made);
    const meant =
      session === undefined
        ? others[0]
        : others.find((one) => one.name === session || one.sessionId.startsWith(session));
    if (meant === undefined) return;
    store.record(made, { type: "session-deleted" });
    this.showSession(meant.sessionId);
  }

  /** Opens a session that exists. */
  showSession(sessionId: SessionId): void {
    this.#switchTo(sessionId);
    void this.catchUp();
  }

  /** Says that the list of sessions has changed. */
  touchSessions(): void {
    this.#sessionsChanged = true;
    this.flush();
  }

  #defaultName(): string {
    return new Date(this.#options.clock.now()).toISOString().slice(0, 16).replace("T", " ");
  }

  /** Reads from the bus what the picture lacks of the session's runs. */
  async catchUp(): Promise<void> {
    if (!this.#connected || this.#sessionId === undefined) return;
    try {
      for (const row of this.#options.store.listRuns(this.#sessionId).slice(0, SHOWN_RUNS)) {
        const run = this.#follower.runs.get(row.runId);
        if (run === undefined || !hasEnded(run.state.status))
          await this.#follower.catchUp(row.runId);
      }
      if (!this.isCut) this.setHealth("live");
    } catch (cause) {
      this.tell("warning", "bus", errorMessage(cause));
    }
  }

  /** Whether Redis is away, as far as is known. */
  get isCut(): boolean {
    return this.#health.view().health === "disconnected";
  }

  setHealth(health: BusView["health"]): void {
    this.#health.become(health, this.#options.clock.now());
  }

  /** Reads one run up to its end. */
  async follow(runId: RunId): Promise<void> {
    await this.#follower.catchUp(runId);
  }

  /** Reads the events of a run that were missed. */
  async fillGap(runId: RunId): Promise<void> {
    this.#health.countGap();
    await this.#follower.catchUp(runId);
  }

  /** Takes in a message of any topic. */
  receive(topic: string, text: string): void {
    const at = this.#options.clock.now();
    if (this.topics.isFlooded(topic, at)) return;
    const problem = this.topics.observe(topic, text, at);
    if (problem !== null) {
      this.tell("warning", topic, `unusable message: ${problem}`);
      return;
    }
    if (topic === "event.run") this.#follower.receive(text);
    else if (topic === "agent.heartbeat") this.#hear(text, at);
    else if (topic.startsWith("progress.")) this.#advance(text, at);
  }

  /** Takes in a change of an own worker. */
  supervise(worker: SupervisedWorker): void {
    this.board.supervise(worker);
    if (worker.state.status !== "given-up") return;
    const text = describeGivingUp(worker.state, worker.lastWords);
    this.tell("error", worker.slot, text);
    this.notify("error", `${worker.slot} ${text} — s in the agents pane starts it again`);
  }

  /** Adds a line to the events. */
  tell(level: EventLine["level"], source: string, text: string, runId: RunId | null = null): void {
    this.events.push({ at: this.#options.clock.now(), level, source, runId, text });
  }

  /** Shows a short word to the operator. */
  notify(level: Notice["level"], text: string): void {
    this.#notice = { at: this.#options.clock.now(), level, text };
    this.flush();
  }

  /** B1, B2: puts what has changed into the store. */
  flush(): void {
    const now = this.#options.clock.now();
    const state = this.store.getState();
    const { unparsable } = this.topics;
    const bus = { ...state.bus, ...this.#health.view(), unparsable };
    const isNewSecond = Math.floor(now / 1000) !== Math.floor(state.now / 1000);
    this.store.setState({
      now,
      bus: keepSame(state.bus, bus),
      workers: this.#workersShown(state.workers, now, isNewSecond),
      topics: isNewSecond ? this.topics.views(now) : state.topics,
      eventsVersion: this.events.version,
      messagesVersion: this.topics.messages.version,
      notice: this.#notice,
      ...(this.#runsChanged ? { runs: newestFirst(this.runs.values()) } : {}),
      ...(this.#sessionsChanged ? this.#sessionViews() : {}),
    });
    this.#runsChanged = false;
    this.#sessionsChanged = false;
  }

  #sessionViews(): { sessions: readonly SessionSummary[]; session: SessionSummary | null } {
    const sessions = this.#options.store.listSessions();
    return {
      sessions,
      session: sessions.find((one) => one.sessionId === this.#sessionId) ?? null,
    };
  }

  /** K2: an event is stored before it is shown. */
  #record(before: RunView | undefined, after: RunView, data: RunEventData): void {
    this.#keep(() => this.#options.store.recordRunEvent(data, after.sessionId));
    for (const line of describeEvent(before, after, data)) this.events.push(line);
    if (data.event.type === "result-ignored") this.#health.countIgnored(data.event.reason);
    this.#runsChanged = true;
    if (before === undefined) this.#sessionsChanged = true;
    if (this.runs.size > HELD_RUNS) this.#letGo();
    this.flush();
  }

  /** Forgets runs that have ended, the oldest first; the local store has them. */
  #letGo(): void {
    for (const run of this.runs.values()) {
      if (this.runs.size <= HELD_RUNS) return;
      if (hasEnded(run.state.status)) this.#follower.runs.delete(run.runId);
    }
  }

  #hear(text: string, at: number): void {
    const message = parseMessage(text, heartbeatDataSchema);
    if (message.ok) this.board.hear(message.value.data, at);
  }

  #advance(text: string, at: number): void {
    const message = parseMessage(text, progressDataSchema);
    if (!message.ok) return;
    const { runid, subject, data } = message.value;
    const runId = runIdSchema.safeParse(runid);
    const taskId = taskIdSchema.safeParse(subject);
    if (!runId.success || !taskId.success) return;
    const run = this.#follower.runs.get(runId.data);
    if (run === undefined) return;
    const next = withProgress(run, taskId.data, data, at);
    this.#follower.runs.set(run.runId, next);
    const line = next.logs[next.logs.length - 1];
    if (next.logs !== run.logs && line !== undefined) {
      this.#keep(() => this.#options.store.appendLog(run.runId, line));
    }
    this.#runsChanged = true;
  }
}
