/**
 * Every action of the keymap by its key, on three sizes. The table is typed by the actions: one that
 * is added without a case here does not compile.
 */
import { afterEach, describe, expect, test } from "vitest";
import { ok } from "../../src/base/result.ts";
import type { ConsoleState, RunView } from "../../src/console/console-state.ts";
import type { Intent } from "../../src/console/intents.ts";
import { sessionIdSchema } from "../../src/protocol/ids.ts";
import { KEYMAP } from "../../src/ui/keymap.ts";
import type { ActionName } from "../../src/ui/model/actions.ts";
import type { MountedScreen } from "../support/mount-screen.ts";
import { keyOf, mountScreen, worker } from "../support/mount-screen.ts";
import {
  finished,
  halfway,
  QNA_OUTPUT,
  runView,
  SIMULATION_OUTPUT,
  START,
  VIZ_OUTPUT,
} from "../support/run-history.ts";

/** What a key does, seen from outside. */
interface Case {
  readonly state?: Partial<ConsoleState>;
  /** Keys that lead to the place; longer texts are typed. */
  readonly at?: readonly string[];
  /** Typed after the key, to see where the cursor is. */
  readonly typed?: string;
  /** On the screen after the key, and not before it. */
  readonly shows?: string | RegExp;
  /** On the screen before the key, and not after it. */
  readonly hides?: string | RegExp;
  readonly dispatches?: Partial<Intent>;
  readonly leaves?: "wait" | "cancel" | "leave" | null;
}

/** A second run, newer than `finished`, that has succeeded too. */
const newer = (): RunView =>
  runView({
    id: "run-2",
    requestedAt: START + 60_000,
    told: [
      { step: "simulation", at: 1300, output: SIMULATION_OUTPUT },
      { step: "qna", at: 2600, output: { ...QNA_OUTPUT, value: 3000 } },
      { step: "viz", at: 3100, output: VIZ_OUTPUT },
    ],
  });

const FAILING = `name: x
description: y
steps:
  s: { agent: simulation, retry: { attempts: 1 }, input: { model: sir } }
`;

const failed = (): RunView =>
  runView({
    id: "run-1",
    flow: "x",
    text: FAILING,
    told: [{ step: "s", at: 900, failed: "no such model" }],
  });

const toApprove = (): RunView =>
  runView({ id: "run-1", flow: "x", text: FAILING.replace("retry:", "approval: Go?, retry:") });

/** A run whose chart was drawn from a simulation that has been done again. */
function outdated(): RunView {
  const run = finished();
  const [viz] = Object.entries(run.state.steps).filter(([key]) => key === "viz");
  if (viz === undefined) throw new Error("no viz");
  const [, step] = viz;
  const progress = { status: "stale", attempt: 1, by: "simulation" } as never;
  const steps = { ...run.state.steps, viz: { ...step, progress } };
  return { ...run, state: { ...run.state, steps } };
}

const two = (): Partial<ConsoleState> => ({ runs: [newer(), finished()] });
const active = (): Partial<ConsoleState> => ({ runs: [halfway()] });
const sessions = ["s1", "s2"].map((id, index) => ({
  sessionId: sessionIdSchema.parse(id),
  name: ["monday", "tuesday"][index] ?? "",
  createdAt: START,
  changedAt: START,
  runCount: 1,
}));

const written = ["a", "ab cd"] as const;

const CASES: Readonly<Record<ActionName, Case>> = {
  down: { state: two(), at: ["3"], shows: "run-1 " },
  up: { state: two(), at: ["3", "j"], shows: "run-2 " },
  "page-down": { state: two(), at: ["3"], shows: "run-1 " },
  "page-up": { state: two(), at: ["3", "j"], shows: "run-2 " },
  end: { state: two(), at: ["3"], shows: "run-1 " },
  top: { state: two(), at: ["3", "j"], shows: "run-2 " },
  right: { shows: /2 (Detail {2})?qna/ },
  left: { at: ["l"], shows: /2 (Detail {2})?simulation/ },
  "edit-left": { at: written, typed: "X", shows: "› ab cXd" },
  "edit-right": { at: [...written, "left", "left"], typed: "X", shows: "› ab cXd" },
  "edit-home": { at: written, typed: "X", shows: "› Xab cd" },
  "edit-end": { at: [...written, "home"], typed: "X", shows: "› ab cdX" },
  "edit-backspace": { at: written, typed: "X", shows: "› ab cX" },
  "edit-delete": { at: [...written, "home"], typed: "X", shows: "› Xb cd" },
  "edit-clear": { at: written, typed: "X", shows: /› X\s/ },
  "edit-word": { at: written, typed: "X", shows: "› ab X" },
  "focus-flow": { at: ["2"], shows: "[1 flow]" },
  "focus-detail": { shows: "[2 detail]" },
  "focus-runs": { shows: "[3 runs]" },
  "focus-agents": { shows: "[4 agents]" },
  "focus-topics": { shows: "[5 topics]" },
  "focus-events": { shows: "[6 events]" },
  "focus-sessions": { shows: "[7 sessions]" },
  "focus-next": { shows: "[2 detail]" },
  "focus-previous": { shows: "[7 sessions]" },
  open: { shows: "[2 detail]" },
  back: { at: ["3"], shows: "[1 flow]" },
  zoom: { hides: /2 (Detail {2})?simulation/ },
  "toggle-timeline": { shows: "1 Timeline" },
  "new-run": { shows: "━ New run ━" },
  "rerun-step": { shows: "━ Rerun simulation ━" },
  "rerun-only": { shows: "━ Rerun only simulation ━" },
  "retry-failed": { state: { runs: [failed()] }, shows: "━ Retry what failed ━" },
  "refresh-stale": { state: { runs: [outdated()] }, shows: /viz {2}attempt 2/ },
  "change-input": { shows: "nothing was changed" },
  "pin-output": { shows: "nothing was changed" },
  "change-parameters": { shows: "━ Other parameters ━" },
  "pause-run": { state: active(), dispatches: { type: "pause-run" } },
  "approve-step": { state: { runs: [toApprove()] }, shows: "━ s waits for you ━" },
  "cancel-run": { state: active(), shows: "━ Cancel the run ━" },
  "ask-question": { shows: "━ Ask a question of this run ━" },
  "show-why": { shows: "━ Why ━" },
  "show-diff": { state: two(), shows: "━ Diff ━" },
  "show-sources": { at: ["l"], shows: "━ Sources of the answer ━" },
  "mark-run": { state: two(), at: ["3"], shows: "◆" },
  undo: { at: ["a", "What", "escape"], shows: "› What" },
  suspend: {},
  "diff-view": { state: two(), at: ["d"] },
  "diff-other": { state: two(), at: ["3", "j", " ", "k", "d"] },
  "open-palette": { shows: "━ Palette ━" },
  "show-help": { shows: "━ Keys ━" },
  filter: { at: ["6"], typed: "xyz", shows: "xyz" },
  follow: { at: ["6", "k"], shows: "▾ following" },
  "restart-worker": { at: ["4"], shows: "━ Restart a worker ━" },
  "scale-up": {
    at: ["4"],
    dispatches: { type: "scale-agent", agent: "orchestrator", change: 1 },
  },
  "scale-down": {
    state: { workers: [worker("qna:0"), worker("qna:1")] },
    at: ["4"],
    dispatches: { type: "scale-agent", agent: "qna", change: -1 },
  },
  "open-artifact": { shows: "opening /artifacts/table.parquet" },
  copy: { shows: "copied 5 characters" },
  "delete-session": { state: { sessions }, at: ["7", "j"], shows: "━ Delete a session ━" },
  "rename-session": { at: ["7"], shows: "━ Rename the session ━" },
  confirm: { state: active(), at: ["x"], dispatches: { type: "cancel-run" } },
  dismiss: { at: ["w"], hides: "━ Why ━" },
  submit: { at: ["a", "Who?"], dispatches: { type: "ask-question", question: "Who?" } },
  "next-field": { at: ["n"], typed: "X=1", shows: /\sX=1/ },
  "previous-field": { at: ["n", "down", "down"], typed: "X=1", shows: /\sX=1/ },
  quit: { state: active(), shows: "━ Quit ━" },
  "quit-wait": { state: active(), at: ["q"], leaves: "wait" },
  "quit-cancel": { state: active(), at: ["q"], leaves: "cancel" },
  "quit-leave": { state: active(), at: ["q"], leaves: "leave" },
};

const SIZES = [
  [80, 24],
  [120, 40],
  [200, 60],
] as const;

let screen: MountedScreen;
let suspended = 0;
afterEach(() => screen.close());

/** Puts the screen where the key has its meaning. */
async function arrive({ state, at = [] }: Case, columns: number, rows: number): Promise<void> {
  suspended = 0;
  screen = await mountScreen({
    columns,
    rows,
    state: { runs: [finished()], ...state },
    editText: (text) => Promise.resolve(ok(text)),
    suspend() {
      suspended += 1;
      return Promise.resolve();
    },
  });
  for (let index = 0; index < 100; index += 1) screen.event(`event ${index}`);
  for (const key of at) await screen.press(key);
}

function saw(text: string, wanted: string | RegExp): boolean {
  return typeof wanted === "string" ? text.includes(wanted) : wanted.test(text);
}

/** Whether it appeared, or went; what was there all along proves nothing. */
function expectChange(one: Case, before: string, after: string): void {
  if (one.shows !== undefined) {
    expect(after).toMatch(one.shows);
    expect(saw(before, one.shows)).toBe(false);
  }
  if (one.hides !== undefined) {
    expect(before).toMatch(one.hides);
    expect(saw(after, one.hides)).toBe(false);
  }
}

async function expectDone(action: ActionName, one: Case): Promise<void> {
  expect(suspended).toBe(action === "suspend" ? 1 : 0);
  if (one.dispatches !== undefined) {
    expect(screen.dispatched).toEqual([expect.objectContaining(one.dispatches)]);
  }
  if (one.leaves !== undefined) expect(await screen.exit).toMatchObject({ runsActive: one.leaves });
}

describe.each(SIZES)("at %i×%i", (columns, rows) => {
  test.each(Object.entries(CASES) as [ActionName, Case][])("%s", async (action, one) => {
    await arrive(one, columns, rows);
    const before = screen.text();

    await screen.press(keyOf(action));
    if (one.typed !== undefined) await screen.send(one.typed);

    expectChange(one, before, screen.text());
    await expectDone(action, one);
    const isSeen = one.dispatches === undefined && one.leaves === undefined;
    if (isSeen && action !== "suspend") expect(screen.text()).not.toBe(before);
  });
});

test("every key of the keymap means an action that has a case", () => {
  const actions = new Set(KEYMAP.map(({ action }) => action));
  expect(Object.keys(CASES).filter((action) => !actions.has(action as ActionName))).toEqual([]);
  expect([...actions].filter((action) => !Object.hasOwn(CASES, action))).toEqual([]);
});
