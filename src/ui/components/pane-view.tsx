import type { ReactNode } from "react";
import { useStore } from "zustand";
import { useShallow } from "zustand/react/shallow";
import type { ConsoleState, RunView } from "../../console/console-state.ts";
import { hasEnded } from "../../orchestrator/state.ts";
import type { Rect } from "../layout.ts";
import type { PaneId } from "../model/pane-ids.ts";
import { PANE_IDS } from "../model/pane-ids.ts";
import type { Screen } from "../model/screen.ts";
import { selectedRun } from "../model/selection.ts";
import { spread } from "../panes/bars.ts";
import { detailPane } from "../panes/detail-pane.ts";
import { flowPane } from "../panes/flow-pane.ts";
import { agentsPane, runsPane, sessionsPane } from "../panes/list-panes.ts";
import { eventsPane, topicsPane } from "../panes/log-panes.ts";
import type { PaneContent, PaneInput } from "../panes/pane.ts";
import type { Line } from "../spans.ts";
import { lineWidth, span } from "../spans.ts";
import { Rows } from "./rows.tsx";
import { paneInput, useRuntime } from "./runtime.ts";

const PANES: Readonly<Record<PaneId, (input: PaneInput) => PaneContent>> = {
  flow: flowPane,
  detail: detailPane,
  runs: runsPane,
  agents: agentsPane,
  topics: topicsPane,
  events: eventsPane,
  sessions: sessionsPane,
};

/** One pane in its rectangle; drawn again only when something it shows has changed. */
export function PaneView(props: {
  readonly pane: PaneId;
  readonly rect: Rect;
  readonly screen: Screen;
}): ReactNode {
  const { pane, rect, screen } = props;
  const runtime = useRuntime();
  useStore(
    runtime.handle.store,
    useShallow((state) => watched(pane, screen, state)),
  );
  const focused = screen.focus === pane;
  const input = paneInput(runtime, screen, { width: rect.width, height: rect.height - 1, focused });
  const content = PANES[pane](input);
  return <Rows rect={rect} lines={[titleLine(pane, content, input), ...content.lines]} />;
}

/** What a pane shows of the state; clocks tick only while something runs. */
function watched(pane: PaneId, screen: Screen, state: ConsoleState): readonly unknown[] {
  const run = selectedRun(screen, state);
  switch (pane) {
    case "flow":
      return run === undefined ? [state.flows, state.workers] : [run, ticks(run, state.now)];
    case "detail":
      return [run, state.workers, run === undefined ? 0 : ticks(run, state.now)];
    case "runs":
      return [state.runs, ...state.runs.map((one) => ticks(one, state.now))];
    case "agents":
      return [state.workers, Math.floor(state.now / 1000)];
    case "topics":
      return screen.openTopic === null ? [state.topics] : [state.messagesVersion];
    case "events":
      return [state.eventsVersion];
    case "sessions":
      return [state.sessions, state.session];
  }
}

/** Tenths of a second while a run is under way; stands still afterwards. */
function ticks(run: RunView, now: number): number {
  return hasEnded(run.state.status) ? 0 : Math.floor(now / 100);
}

/** The focused pane has a heavy bright rule and its name stands out. */
function titleLine(pane: PaneId, content: PaneContent, { focused, width }: PaneInput): Line {
  const number = PANE_IDS.indexOf(pane) + 1;
  const rule = focused ? "━" : "─";
  const tone = focused ? "accent" : "muted";
  const name = {
    text: ` ${number} ${content.title} `,
    tone,
    bold: focused,
    inverse: focused,
  } as const;
  const info: Line = content.info.length === 0 ? [] : [span(" "), ...content.info, span(" ")];
  const left: Line = [span(rule, tone, focused), name];
  const room = width - lineWidth(left) - lineWidth(info) - 1;
  const filler = span(rule.repeat(Math.max(0, room)), tone, focused);
  return spread([...left, filler], [...info, span(rule, tone, focused)], width);
}
