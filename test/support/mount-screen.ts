/** The real screen on a terminal without a window: press keys, read rows. */
import { readFileSync } from "node:fs";
import { PassThrough } from "node:stream";
import type { Terminal as HeadlessTerminal } from "@xterm/headless";
import headless from "@xterm/headless";
import { createStore } from "zustand/vanilla";
import type { ConsoleHandle } from "../../src/console/console-handle.ts";
import type {
  ConsoleState,
  EventLine,
  TopicMessage,
  TopicView,
  WorkerView,
} from "../../src/console/console-state.ts";
import type { Intent, IntentOutcome } from "../../src/console/intents.ts";
import { Ring } from "../../src/console/ring.ts";
import { listParameters } from "../../src/engines/xmile/parameters.ts";
import { readModel } from "../../src/engines/xmile/read-model.ts";
import { planFork } from "../../src/orchestrator/plan-fork.ts";
import { sessionIdSchema, workerSlotSchema } from "../../src/protocol/ids.ts";
import { isForkWish } from "../../src/protocol/rerun.ts";
import type { EditText } from "../../src/ui/edit-step.ts";
import type { Binding } from "../../src/ui/keymap/binding.ts";
import { KEYMAP } from "../../src/ui/keymap.ts";
import type { ActionName } from "../../src/ui/model/actions.ts";
import type { Sign } from "../../src/ui/signs.ts";
import type { UiExit } from "../../src/ui/start-console-ui.tsx";
import { startConsoleUi } from "../../src/ui/start-console-ui.tsx";
import type { ColourLevel, ThemeName } from "../../src/ui/theme.ts";
import { flowOf, flowText, START } from "./run-history.ts";

const BYTES: Readonly<Record<string, string>> = {
  enter: "\r",
  escape: "\u001B",
  tab: "\t",
  "shift-tab": "\u001B[Z",
  up: "\u001B[A",
  down: "\u001B[B",
  right: "\u001B[C",
  left: "\u001B[D",
  pageup: "\u001B[5~",
  pagedown: "\u001B[6~",
  home: "\u001B[H",
  end: "\u001B[F",
  backspace: "\u007F",
  delete: "\u001B[3~",
  f2: "\u001BOQ",
  "ctrl-a": "\u0001",
  "ctrl-c": "\u0003",
  "ctrl-d": "\u0004",
  "ctrl-u": "\u0015",
  "ctrl-w": "\u0017",
  "ctrl-z": "\u001A",
};

/** The bytes a terminal sends for a key of the keymap. */
function bytesOf(key: string): string {
  return BYTES[key] ?? key;
}

/** The first key of an action. */
export function keyOf(action: ActionName): string {
  const key = KEYMAP.find((binding) => binding.action === action)?.keys[0];
  if (key === undefined) throw new Error(`no key for ${action}`);
  return key;
}

/** A worker of a test. */
export function worker(name: string, change: Partial<WorkerView> = {}): WorkerView {
  const [agent = "qna"] = name.split(":");
  const slot = workerSlotSchema.parse(`box:${name}`);
  const role = agent as WorkerView["agent"];
  const pid = 4000 + name.length;
  return {
    slot,
    agent: role,
    status: "ready",
    own: true,
    pid,
    restarts: 0,
    heartbeat: {
      slot,
      agent: role,
      pid,
      host: "box",
      version: "0.1.0",
      activity: "ready",
      currentTask: null,
      queueDepth: 0,
      uptimeMs: 125_000,
      rssBytes: 84_300_000,
      cpuShare: 0.03,
    },
    heartbeatAt: START,
    lastWords: [],
    ...change,
  };
}

/** A topic of a test. */
export function topic(name: string, change: Partial<TopicView> = {}): TopicView {
  const perSecond = Array.from({ length: 30 }, (_, index) => (index % 7 === 0 ? 3 : index % 2));
  return {
    topic: name,
    count: 12,
    perSecond,
    unparsable: 0,
    lastAt: START,
    lastText: "{}",
    ...change,
  };
}

/** The constants of the shipped model. */
function constantsOfSir(): ReturnType<typeof listParameters> {
  const model = readModel(readFileSync("models/sir.xmile", "utf8"));
  return model.ok ? listParameters(model.value) : [];
}

/** The picture a test starts from. */
export function stateOf(change: Partial<ConsoleState> = {}): ConsoleState {
  const session = {
    sessionId: sessionIdSchema.parse("s1"),
    name: "monday",
    createdAt: START,
    changedAt: START,
    runCount: 1,
  };
  return {
    session,
    bus: {
      kind: "embedded",
      address: "unix:/run/aimie/bus.sock",
      namespace: "default",
      health: "live",
      healthSince: 0,
      gaps: 0,
      late: 0,
      duplicate: 0,
      unparsable: 0,
    },
    runs: [],
    workers: [worker("orchestrator:1"), worker("simulation:1"), worker("qna:1"), worker("viz:1")],
    topics: [topic("task.simulation"), topic("task.qna"), topic("result.qna")],
    sessions: [session],
    flows: [{ flow: flowOf(flowText("simulation-qna-viz")), source: "built-in" }],
    constants: new Map(),
    models: ["sir", "predator-prey"],
    questions: [],
    eventsVersion: 0,
    messagesVersion: 0,
    notice: null,
    now: START + 3500,
    logFile: "/tmp/aimie/console.log",
    ...change,
  };
}

/** A mounted screen. */
export interface MountedScreen {
  readonly dispatched: readonly Intent[];
  readonly opened: readonly string[];
  readonly exit: Promise<UiExit>;
  /** All that was written to the terminal. */
  written(): string;
  /** Presses keys by their names in the keymap; waits for the screen to rest. */
  press(...keys: readonly string[]): Promise<void>;
  /** Presses the key of an action. */
  act(...actions: readonly ActionName[]): Promise<void>;
  /** Sends characters as they are. */
  send(text: string): Promise<void>;
  /** The rows of the terminal, without trailing blanks. */
  rows(): readonly string[];
  /** The rows as one text. */
  text(): string;
  set(change: Partial<ConsoleState>): Promise<void>;
  event(text: string, change?: Partial<EventLine>): void;
  message(topicName: string, text: string, problem?: string): void;
  resize(columns: number, rows: number): Promise<void>;
  idle(): Promise<void>;
  waitFor(text: string): Promise<void>;
  close(): Promise<void>;
}

/** How a screen is mounted. */
export interface MountOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly state?: Partial<ConsoleState>;
  readonly colour?: ColourLevel;
  readonly theme?: ThemeName;
  readonly mouse?: boolean;
  readonly keymap?: readonly Binding[];
  readonly signs?: readonly Sign[];
  readonly editText?: EditText;
  readonly suspend?: () => Promise<void>;
  readonly answer?: (intent: Intent) => IntentOutcome | Promise<IntentOutcome>;
  readonly drawChart?: Parameters<typeof startConsoleUi>[0]["drawChart"];
}

class FakeOutput extends PassThrough {
  readonly isTTY = true;
  columns: number;
  rows: number;
  pendingWrites = 0;
  everything = "";
  readonly terminal: HeadlessTerminal;

  constructor(terminal: HeadlessTerminal) {
    super();
    this.terminal = terminal;
    this.columns = terminal.cols;
    this.rows = terminal.rows;
  }

  override write(chunk: unknown, ...rest: readonly unknown[]): boolean {
    this.everything += String(chunk);
    this.pendingWrites += 1;
    this.terminal.write(String(chunk), () => {
      this.pendingWrites -= 1;
    });
    for (const callback of rest) if (typeof callback === "function") callback();
    return true;
  }
}

/** Mounts the screen on a terminal of the given size. */
export async function mountScreen(options: MountOptions = {}): Promise<MountedScreen> {
  const { columns = 80, rows = 24 } = options;
  const terminal = new headless.Terminal({
    cols: columns,
    rows,
    allowProposedApi: true,
    convertEol: true,
  });
  const stdout = new FakeOutput(terminal);
  const stdin = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: () => undefined,
    ref: () => undefined,
    unref: () => undefined,
  });
  const dispatched: Intent[] = [];
  const opened: string[] = [];
  const events = new Ring<EventLine>(1000);
  const messages = new Ring<TopicMessage>(1000);
  const store = createStore<ConsoleState>(() => stateOf(options.state));
  const handle: ConsoleHandle = {
    store,
    events,
    messages,
    dispatch(intent) {
      dispatched.push(intent);
      return Promise.resolve(options.answer?.(intent) ?? { ok: true, runId: null });
    },
    plan(runId, wish) {
      const run = store.getState().runs.find((one) => one.runId === runId);
      if (run === undefined || !isForkWish(wish)) return Promise.resolve(undefined);
      return Promise.resolve(planFork(run.state, wish));
    },
    artifactPath: (artifact) => `/artifacts/${artifact.name}`,
    readConstants() {
      setImmediate(() => store.setState({ constants: new Map([["sir", constantsOfSir()]]) }));
    },
    close: () => Promise.resolve(),
  };
  const exit = startConsoleUi({
    handle,
    stdin,
    stdout: stdout as unknown as NodeJS.WriteStream,
    colour: options.colour ?? "none",
    theme: options.theme ?? "dark",
    mouse: options.mouse ?? false,
    ...(options.keymap === undefined ? {} : { keymap: options.keymap }),
    ...(options.signs === undefined ? {} : { signs: options.signs }),
    ...(options.editText === undefined ? {} : { editText: options.editText }),
    ...(options.suspend === undefined ? {} : { suspend: options.suspend }),
    offerRun: { flowName: "simulation-qna-viz" },
    drawChart: options.drawChart ?? plainChart,
    openFile: (path) => opened.push(path),
  });
  const screenRows = (): readonly string[] => {
    const { active } = terminal.buffer;
    return Array.from({ length: terminal.rows }, (_, row) =>
      (
        active.getLine(active.baseY + row)?.translateToString(true, 0, terminal.cols) ?? ""
      ).trimEnd(),
    );
  };
  const idle = async (): Promise<void> => {
    for (let quiet = 0, before = ""; quiet < 3; ) {
      await new Promise((resolve) => setTimeout(resolve, 12));
      const now = stdout.everything;
      quiet = now === before && stdout.pendingWrites === 0 ? quiet + 1 : 0;
      before = now;
    }
  };
  const send = async (text: string): Promise<void> => {
    stdin.write(text);
    if (text === "\u001B") await new Promise((resolve) => setTimeout(resolve, 45));
    await idle();
  };
  const press = async (...keys: readonly string[]): Promise<void> => {
    for (const key of keys) await send(bytesOf(key));
  };
  const mounted: MountedScreen = {
    dispatched,
    opened,
    exit,
    written: () => stdout.everything,
    press,
    act: (...actions) => press(...actions.map(keyOf)),
    send,
    rows: screenRows,
    text: () => screenRows().join("\n"),
    async set(change) {
      store.setState(change);
      await idle();
    },
    event(text, change = {}) {
      events.push({ at: START, level: "info", source: "console", runId: null, text, ...change });
      store.setState({ eventsVersion: events.version });
    },
    message(topicName, text, problem) {
      messages.push({ at: START, topic: topicName, text, problem: problem ?? null });
      store.setState({ messagesVersion: messages.version });
    },
    async resize(toColumns, toRows) {
      terminal.resize(toColumns, toRows);
      stdout.columns = toColumns;
      stdout.rows = toRows;
      stdout.emit("resize");
      await idle();
    },
    idle,
    async waitFor(text) {
      for (let tries = 0; tries < 200; tries += 1) {
        if (mounted.text().includes(text)) return;
        await new Promise((resolve) => setTimeout(resolve, 15));
      }
      throw new Error(`"${text}" did not appear in\n${mounted.text()}`);
    },
    async close() {
      await send("\u001B");
      await send("\u001B");
      await send("q");
      await Promise.race([exit, send("c").then(() => exit)]);
      terminal.dispose();
    },
  };
  await idle();
  return mounted;
}

function plainChart(request: {
  readonly series: readonly { readonly name: string }[];
  readonly width: number;
  readonly height: number;
}): readonly (readonly { readonly text: string; readonly series?: number }[])[] {
  return Array.from({ length: request.height }, (_, row) => [
    { text: "│" },
    { text: row === 0 ? "⠉".repeat(Math.max(0, request.width - 1)) : "", series: 0 },
  ]);
}
