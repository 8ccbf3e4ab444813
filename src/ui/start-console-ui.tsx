import { render, useWindowSize } from "ink";
import type { ReactNode } from "react";
import { useLayoutEffect } from "react";
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import type { ConsoleHandle } from "../console/console-handle.ts";
import type { RunId } from "../protocol/ids.ts";
import { canvasFor } from "./canvas.ts";
import { App } from "./components/app.tsx";
import { ErrorBoundary, ErrorPane } from "./components/error-pane.tsx";
import type { ScreenStore, UiRuntime } from "./components/runtime.ts";
import { RuntimeProvider, useRuntime } from "./components/runtime.ts";
import { crash, keyHandler } from "./controller.ts";
import type { EditText } from "./edit-step.ts";
import { frameWriter } from "./frame-writer.ts";
import type { Binding } from "./keymap/binding.ts";
import { KEYMAP } from "./keymap.ts";
import { keyboardOf, lending } from "./lend-terminal.ts";
import { FIRST_SCREEN } from "./model/screen.ts";
import { selectedRun } from "./model/selection.ts";
import type { DrawChart } from "./panes/pane.ts";
import type { Sign } from "./signs.ts";
import { PROGRESS_OFF, seenRuns, signsFor } from "./signs.ts";
import type { KeySource } from "./stdin-tap.ts";
import type { ColourLevel, ThemeName } from "./theme.ts";
import { themeForGround, themeOf } from "./theme.ts";

/** What the console's screen needs; it reads neither the environment nor the process. */
export interface ConsoleUiOptions {
  readonly handle: ConsoleHandle;
  readonly stdin: KeySource;
  readonly stdout: NodeJS.WriteStream;
  readonly colour: ColourLevel;
  readonly theme: ThemeName;
  /** Whether clicks and the wheel are listened to. */
  readonly mouse: boolean;
  /** The flow that Enter starts while the session has no run. */
  readonly offerRun: { readonly flowName: string };
  readonly drawChart: DrawChart;
  /** The keys; the built-in ones when absent. */
  readonly keymap?: readonly Binding[];
  /** How the operator is told of runs that have ended. */
  readonly signs?: readonly Sign[];
  /** Opens a file in the desktop's program; absent where there is none. */
  readonly openFile?: (path: string) => void;
  /** Lets the operator write in an editor that has the terminal meanwhile. */
  readonly editText?: EditText;
  /** Stops the process until the shell continues it; absent where that is not known. */
  readonly suspend?: () => Promise<void>;
  /** Takes the screen down from outside, as when the process is asked to end. */
  readonly closing?: AbortSignal;
}

/** How the operator left. */
export interface UiExit {
  readonly reason: "quit";
  /** What is to become of the active runs; null when there were none. */
  readonly runsActive: "wait" | "cancel" | "leave" | null;
  /** The run that was selected. */
  readonly focusedRunId: RunId | null;
}

/**
 * Shows the console full screen; resolves when the operator quits, with the terminal as it was.
 * Rejects only if Ink itself fails.
 */
export async function startConsoleUi(options: ConsoleUiOptions): Promise<UiExit> {
  const { handle, stdout } = options;
  const fits = (): boolean =>
    runtime.size.columns === stdout.columns && runtime.size.rows === stdout.rows;
  const writer = frameWriter(stdout, fits);
  const runtime: UiRuntime = {
    canvas: canvasFor({
      size: () => runtime.size,
      draw: writer.draw,
      onProblem: (thrown) => crash(runtime, thrown),
    }),
    handle,
    store: createStore<ScreenStore>(() => ({
      screen: FIRST_SCREEN,
      crash: null,
      theme: themeOf(options.colour, options.theme),
    })),
    drawChart: options.drawChart,
    offeredFlow: options.offerRun.flowName,
    keymap: options.keymap ?? KEYMAP,
    size: { columns: stdout.columns, rows: stdout.rows },
  };
  let exit: UiExit = { reason: "quit", runsActive: null, focusedRunId: null };
  const stopSigns = tellOfRuns(handle, stdout, options.signs ?? []);
  const instance = { unmount: (): void => undefined };
  const keyboard = keyboardOf(options);
  const onKey = keyHandler({
    runtime,
    onGround(answer) {
      const name = themeForGround(answer);
      if (name === undefined || options.theme !== "auto") return;
      runtime.store.setState({ theme: themeOf(options.colour, name) });
    },
    stdout,
    openFile: options.openFile,
    ...lending(options, writer, keyboard),
    quit(runsActive) {
      const run = selectedRun(runtime.store.getState().screen, handle.store.getState());
      exit = { reason: "quit", runsActive, focusedRunId: run?.runId ?? null };
      instance.unmount();
    },
  });
  // Before the first frame: a key pressed as soon as something is seen must already be a key.
  keyboard.tap(onKey);
  try {
    const ink = render(
      <RuntimeProvider value={runtime}>
        <Root onUnmount={keyboard.end} />
      </RuntimeProvider>,
      {
        stdout: writer.stream,
        alternateScreen: true,
        interactive: true,
        patchConsole: false,
        exitOnCtrlC: false,
        isScreenReaderEnabled: false,
        maxFps: 120,
      },
    );
    instance.unmount = () => ink.unmount();
    options.closing?.addEventListener("abort", instance.unmount);
    if (options.closing?.aborted === true) instance.unmount();
    await ink.waitUntilExit();
    return exit;
  } finally {
    keyboard.end();
    stopSigns();
    writer.stop();
    options.closing?.removeEventListener("abort", instance.unmount);
  }
}

/** Writes signs when runs end; the returned function stops it and takes the progress bar away. */
function tellOfRuns(
  handle: ConsoleHandle,
  stdout: NodeJS.WriteStream,
  wanted: readonly Sign[],
): () => void {
  if (wanted.length === 0) return () => undefined;
  let seen = seenRuns(handle.store.getState().runs);
  let written = "";
  const stop = handle.store.subscribe(({ runs }) => {
    const signs = signsFor(seen, runs, wanted);
    seen = seenRuns(runs);
    if (signs !== "" && signs !== written) stdout.write(signs);
    written = signs;
  });
  return () => {
    stop();
    if (wanted.includes("progress")) stdout.write(PROGRESS_OFF);
  };
}

/** Lives as long as the screen; gives the keyboard back on every way out, signals included. */
function Root({ onUnmount }: { readonly onUnmount: () => void }): ReactNode {
  const runtime = useRuntime();
  const size = useWindowSize();
  runtime.size = size;
  useLayoutEffect(() => onUnmount, [onUnmount]);
  const error = useStore(runtime.store, (store) => store.crash);
  if (error !== null) return <ErrorPane error={error} />;
  return (
    <ErrorBoundary onCrash={(thrown) => crash(runtime, thrown)}>
      <App />
    </ErrorBoundary>
  );
}
