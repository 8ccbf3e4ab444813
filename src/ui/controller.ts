/** Between keys and the screen model: looks keys up, reduces, carries out the wishes. */
import { errorMessage } from "../base/error-message.ts";
import type { Intent } from "../console/intents.ts";
import type { StepEdit } from "../orchestrator/step-edit.ts";
import { currentLayout } from "./components/app.tsx";
import type { UiRuntime } from "./components/runtime.ts";
import { paneInput } from "./components/runtime.ts";
import { EditDrafts } from "./edit-drafts.ts";
import type { EditText } from "./edit-step.ts";
import { editStep, planFork } from "./edit-step.ts";
import type { Key } from "./key-parser.ts";
import { bindingFor, contextsOf, takesText } from "./keymap.ts";
import type { Rect } from "./layout.ts";
import type { Action } from "./model/actions.ts";
import { placeOf } from "./model/draft-place.ts";
import { reduceScreen } from "./model/reduce-screen.ts";
import type { Screen, View, Wish } from "./model/screen.ts";
import { paletteNow } from "./palette.ts";
import { tabAt } from "./panes/bars.ts";
import { detailSize } from "./panes/detail-pane.ts";
import { helpLines, helpPage } from "./panes/dialog-box.ts";
import { diffLength, diffPage } from "./panes/diff-lines.ts";

/** What the controller needs from outside. */
export interface ControllerSurroundings {
  readonly runtime: UiRuntime;
  readonly stdout: NodeJS.WritableStream;
  readonly openFile: ((path: string) => void) | undefined;
  /** Lets the operator write in an editor of their own; absent where there is none. */
  readonly editText: EditText | undefined;
  /** The terminal has told the colour of its ground. */
  onGround(answer: string): void;
  /** Stops until the shell continues it; absent where there is no shell to go back to. */
  readonly suspend: (() => Promise<void>) | undefined;
  quit(runsActive: "wait" | "cancel" | "leave" | null): void;
}

/** A controller at work. */
interface ControllerOptions extends ControllerSurroundings {
  readonly drafts: EditDrafts;
}

/** Longest text that is put on the clipboard; terminals drop longer ones. */
const MAXIMUM_COPY = 70_000;

/** Makes the function that takes every key; it never throws. */
export function keyHandler(surroundings: ControllerSurroundings): (key: Key) => void {
  const { runtime } = surroundings;
  const options = { ...surroundings, drafts: new EditDrafts() };
  return (key) => {
    try {
      if (runtime.store.getState().crash === null) handleKey(options, key);
      else handleKeyAfterCrash(options, key);
    } catch (thrown) {
      crash(runtime, thrown);
    }
  };
}

/** Replaces the screen by the error pane. */
export function crash(runtime: UiRuntime, thrown: unknown): void {
  const error = thrown instanceof Error ? thrown : new Error(errorMessage(thrown));
  runtime.store.setState({ crash: error });
}

function handleKeyAfterCrash({ runtime, quit }: ControllerOptions, key: Key): void {
  if (key.name === "q" || key.name === "ctrl-c") quit(null);
  if (key.name === "enter") runtime.store.setState({ crash: null });
}

function handleKey(options: ControllerOptions, key: Key): void {
  const { runtime } = options;
  if (key.name === "ground") {
    options.onGround(key.text ?? "");
    return;
  }
  if (key.at !== undefined) {
    handleMouse(options, key.name, key.at);
    return;
  }
  const { screen } = runtime.store.getState();
  const state = runtime.handle.store.getState();
  const contexts = contextsOf(screen, state.runs.length > 0);
  const typing = takesText(contexts);
  const binding = bindingFor(runtime.keymap, contexts, key.name);
  if (typing && key.text !== null && (binding === undefined || key.name.length === 1)) {
    act(options, { type: "insert", text: key.text });
    return;
  }
  if (binding === undefined || key.name === "paste") return;
  const reason = binding.disabledReason?.(screen, { state }) ?? null;
  if (reason === null) act(options, { type: "do", name: binding.action });
  else act(options, { type: "notice", level: "info", text: reason });
}

/** Lines one notch of the wheel moves. */
const WHEEL_LINES = 3;

/** A click goes to the pane under it, or to the pane whose name was hit; the wheel moves in it. */
function handleMouse(
  options: ControllerOptions,
  name: string,
  { x, y }: { readonly x: number; readonly y: number },
): void {
  const { runtime } = options;
  const { screen } = runtime.store.getState();
  if (screen.dialog !== null && screen.dialog.kind !== "help" && screen.dialog.kind !== "diff")
    return;
  const layout = currentLayout(runtime, screen);
  if (layout.kind !== "screen") return;
  const inside = ({ x: left, y: top, width, height }: Rect): boolean =>
    x >= left && x < left + width && y >= top && y < top + height;
  const pane = inside(layout.tabs)
    ? tabAt(x - layout.tabs.x)
    : [...layout.panes].find(([, rect]) => inside(rect))?.[0];
  if (pane === undefined) return;
  if (screen.dialog === null && pane !== screen.focus) {
    act(options, { type: "do", name: `focus-${pane}` });
  }
  if (name === "click") return;
  const move = name === "wheel-up" ? "up" : "down";
  for (let line = 0; line < WHEEL_LINES; line += 1) act(options, { type: "do", name: move });
}

/** Reduces one action and carries out what it wants done. */
function act(options: ControllerOptions, action: Action): void {
  const { runtime } = options;
  const { screen } = runtime.store.getState();
  const [next, wishes] = reduceScreen(screen, action, viewOf(runtime));
  runtime.store.setState({ screen: next });
  if (next.dialog?.kind === "new-run" && screen.dialog?.kind !== "new-run") {
    runtime.handle.readConstants();
  }
  for (const wish of wishes) carryOut(options, wish);
}

function carryOut(options: ControllerOptions, wish: Wish): void {
  const { runtime, stdout, openFile, quit } = options;
  switch (wish.type) {
    case "dispatch":
      runtime.handle.dispatch(wish.intent).then(
        (outcome) => {
          if (outcome.ok) dropDraft(options, wish.intent);
          act(options, { type: "outcome", intent: wish.intent, outcome });
        },
        (thrown: unknown) => crash(runtime, thrown),
      );
      break;
    case "copy":
      stdout.write(clipboardSequence(wish.text));
      break;
    case "open-artifact": {
      const path = runtime.handle.artifactPath(wish.artifact);
      openFile?.(path);
      const text = openFile === undefined ? `the file is ${path}` : `opening ${path}`;
      act(options, { type: "notice", level: "info", text });
      break;
    }
    case "suspend":
      suspend(options);
      break;
    case "edit":
      edit(options, wish.edit);
      break;
    case "plan":
      planFork(runtime.handle, wish.runId, wish.wish).then(
        (action) => act(options, action),
        (thrown: unknown) => crash(runtime, thrown),
      );
      break;
    case "quit":
      quit(wish.runsActive);
      break;
  }
}

/** Lets go what was written for a run that has begun. */
function dropDraft(options: ControllerOptions, intent: Intent): void {
  const { drafts } = options;
  if (intent.type === "trust-program") dropDraft(options, intent.before);
  const place = intent.type === "fork-run" ? placeOf(intent.runId, intent.wish) : undefined;
  if (place !== undefined) drafts.drop(place);
}

function suspend(options: ControllerOptions): void {
  if (options.suspend === undefined) {
    act(options, { type: "notice", level: "info", text: "there is no shell to go back to here" });
    return;
  }
  options.suspend().catch((thrown: unknown) => crash(options.runtime, thrown));
}

function edit(options: ControllerOptions, wanted: StepEdit): void {
  const { runtime, editText, drafts } = options;
  if (editText === undefined) {
    act(options, { type: "notice", level: "info", text: "there is no editor here" });
    return;
  }
  editStep({ handle: runtime.handle, editText, drafts }, wanted).then(
    (action) => act(options, action),
    (thrown: unknown) => crash(runtime, thrown),
  );
}

/** OSC 52: only the console itself writes it; text from agents cannot. */
function clipboardSequence(text: string): string {
  const base64 = Buffer.from(text.slice(0, MAXIMUM_COPY), "utf8").toString("base64");
  return `\u001B]52;c;${base64}\u0007`;
}

/** How long and how high the open comparison is. */
function diffSize(
  runtime: UiRuntime,
  { dialog, ...screen }: Screen,
  rows: number,
): Pick<View, "diffLines" | "diffPage"> {
  if (dialog?.kind !== "diff") return { diffLines: 0, diffPage: 1 };
  const { columns } = runtime.size;
  const input = paneInput(
    runtime,
    { dialog, ...screen },
    { width: columns, height: rows, focused: true },
  );
  return {
    diffLines: diffLength(dialog, input, rows),
    diffPage: dialog.view === "values" ? diffPage(rows) : 1,
  };
}

function viewOf(runtime: UiRuntime): View {
  const { screen } = runtime.store.getState();
  const { handle, size, offeredFlow, keymap } = runtime;
  const layout = currentLayout(runtime, screen);
  const rectOf = (pane: typeof screen.focus): { width: number; height: number } => {
    const rect = layout.kind === "screen" ? layout.panes.get(pane) : undefined;
    return { width: rect?.width ?? 1, height: Math.max(1, (rect?.height ?? 2) - 1) };
  };
  const detail = screen.focus === "detail" ? rectOf("detail") : undefined;
  const dialogRows = size.rows - 6;
  return {
    state: handle.store.getState(),
    events: handle.events,
    messages: handle.messages,
    page: rectOf(screen.focus).height,
    ...detailSize(
      detail === undefined ? undefined : paneInput(runtime, screen, { ...detail, focused: true }),
    ),
    helpLines: screen.dialog?.kind === "help" ? helpLines(keymap, 80).length : 0,
    helpPage: helpPage(dialogRows),
    ...diffSize(runtime, screen, dialogRows),
    palette: paletteNow(screen, handle.store.getState(), keymap),
    offeredFlow,
  };
}
