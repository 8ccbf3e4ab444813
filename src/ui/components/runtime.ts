/** What the components share: the console, the screen's own store, the looks. */
import { createContext, useContext } from "react";
import type { StoreApi } from "zustand/vanilla";
import { invariant } from "../../base/assert.ts";
import type { ConsoleHandle } from "../../console/console-handle.ts";
import type { Canvas } from "../canvas.ts";
import type { Binding } from "../keymap/binding.ts";
import type { Size } from "../layout.ts";
import type { Screen } from "../model/screen.ts";
import type { DrawChart, PaneInput } from "../panes/pane.ts";
import type { Theme } from "../theme.ts";

/** The screen as the store holds it; a crash replaces everything by the error pane. */
export interface ScreenStore {
  readonly screen: Screen;
  readonly crash: Error | null;
  /** Changes once at most: when the terminal has told its ground. */
  readonly theme: Theme;
}

/** Everything a component may need. */
export interface UiRuntime {
  readonly handle: ConsoleHandle;
  readonly store: StoreApi<ScreenStore>;
  readonly drawChart: DrawChart;
  readonly offeredFlow: string;
  readonly keymap: readonly Binding[];
  /** Where everything is drawn; without it Ink draws texts. */
  readonly canvas?: Canvas;
  /** The size now; kept current by the root component. */
  size: Size;
}

const Context = createContext<UiRuntime | undefined>(undefined);

/** Gives the components their runtime. */
export const RuntimeProvider = Context.Provider;

/** The runtime; there is one around every component. */
export function useRuntime(): UiRuntime {
  const runtime = useContext(Context);
  invariant(runtime !== undefined, "a component was rendered outside of the console");
  return runtime;
}

/** A pane's input from what is known now. */
export function paneInput(
  runtime: UiRuntime,
  screen: Screen,
  size: { readonly width: number; readonly height: number; readonly focused: boolean },
): PaneInput {
  const { handle, drawChart, offeredFlow, keymap } = runtime;
  const { events, messages } = handle;
  return {
    screen,
    state: handle.store.getState(),
    events,
    messages,
    drawChart,
    offeredFlow,
    keymap,
    ...size,
  };
}
