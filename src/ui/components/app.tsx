import type { ReactNode } from "react";
import { useStore } from "zustand";
import { useShallow } from "zustand/react/shallow";
import { hasEnded } from "../../orchestrator/state.ts";
import { contextsOf } from "../keymap.ts";
import type { Layout } from "../layout.ts";
import { layoutOf } from "../layout.ts";
import { shownPlan } from "../model/plan-dialog.ts";
import type { Screen } from "../model/screen.ts";
import { selectedRun } from "../model/selection.ts";
import { footerLine, freshNotice, headerLines, tabLine } from "../panes/bars.ts";
import { dialogBox } from "../panes/dialog-box.ts";
import { flowRowsOf } from "../panes/flow-graph.ts";
import { PaneView } from "./pane-view.tsx";
import { Rows } from "./rows.tsx";
import type { UiRuntime } from "./runtime.ts";
import { paneInput, useRuntime } from "./runtime.ts";
import { TooSmall } from "./too-small.tsx";

/** Where everything goes for what the operator looks at now. */
export function currentLayout(runtime: UiRuntime, screen: Screen): Layout {
  const flowRows = flowRowsOf(selectedRun(screen, runtime.handle.store.getState()));
  return layoutOf(runtime.size, {
    focus: screen.focus,
    zoomed: screen.zoomed,
    lower: screen.lower,
    flowRows,
  });
}

/** The whole screen. */
export function App(): ReactNode {
  const runtime = useRuntime();
  const screen = useStore(runtime.store, (store) => store.screen);
  useStore(runtime.handle.store, (state) => flowRowsOf(selectedRun(screen, state)));
  const layout = currentLayout(runtime, screen);
  if (layout.kind === "too-small") return <TooSmall />;
  const shown = new Set(layout.panes.keys());
  return (
    <>
      <Header layout={layout} screen={screen} />
      <Rows rect={layout.tabs} lines={[tabLine(screen.focus, shown)]} />
      {[...layout.panes].map(([pane, rect]) => (
        <PaneView key={pane} pane={pane} rect={rect} screen={screen} />
      ))}
      <Footer layout={layout} screen={screen} />
      <DialogView screen={screen} />
    </>
  );
}

interface BarProps {
  readonly layout: Extract<Layout, { kind: "screen" }>;
  readonly screen: Screen;
}

function Header({ layout, screen }: BarProps): ReactNode {
  const { handle } = useRuntime();
  useStore(
    handle.store,
    useShallow((state) => {
      const run = selectedRun(screen, state);
      const live = run !== undefined && !hasEnded(run.state.status);
      // How long the bus has been away is told by the second.
      const away = state.bus.health === "live" ? 0 : Math.floor(state.now / 1000);
      const ticks = live ? Math.floor(state.now / 100) : away;
      return [run, state.session, state.bus, state.workers, ticks];
    }),
  );
  const lines = headerLines(screen, handle.store.getState(), layout.header.width);
  return <Rows rect={layout.header} lines={lines} />;
}

function Footer({ layout, screen }: BarProps): ReactNode {
  const { handle, keymap } = useRuntime();
  useStore(
    handle.store,
    useShallow((state) => [state.runs, state.workers, state.flows, freshNotice(screen, state)]),
  );
  const state = handle.store.getState();
  const contexts = contextsOf(screen, state.runs.length > 0);
  const line = footerLine(screen, state, { keymap, contexts, width: layout.footer.width });
  return <Rows rect={layout.footer} lines={[line]} />;
}

/** The open dialog in the middle of the panes. */
function DialogView({ screen }: { readonly screen: Screen }): ReactNode {
  const runtime = useRuntime();
  const live = screen.dialog?.kind === "why" || screen.dialog?.kind === "diff";
  useStore(
    runtime.handle.store,
    useShallow((state) => [
      screen.dialog?.kind === "new-run" ? state.constants : null,
      ...(live ? [state.runs, Math.floor(state.now / 200)] : []),
    ]),
  );
  if (screen.dialog === null) return null;
  const { columns, rows } = runtime.size;
  const input = paneInput(runtime, screen, { width: columns, height: rows, focused: true });
  const box = dialogBox(screen.dialog, input, { columns, rows: rows - 4 });
  const height = box.lines.length;
  // A plan is drawn on the graph too, so its window stays below as far as it can.
  const planned = screen.dialog.kind === "verdict" || shownPlan(screen.dialog) !== undefined;
  const rect = {
    x: Math.floor((columns - box.width) / 2),
    y: Math.max(3, planned ? rows - height - 1 : Math.floor((rows - height) / 2)),
    width: box.width,
    height,
  };
  return <Rows rect={rect} lines={box.lines} level="upper" />;
}
