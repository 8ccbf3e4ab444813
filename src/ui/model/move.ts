/** Moves of the selection and of windows, by pane. */
import type { StepKey } from "../../protocol/ids.ts";
import type { MoveAction } from "./actions.ts";
import type { LogSource, LogView } from "./log-view.ts";
import { moveLog } from "./log-view.ts";
import type { Screen, View } from "./screen.ts";
import { DETAIL_TABS } from "./screen.ts";
import {
  clamp,
  eventSource,
  messageSource,
  neighbourStep,
  selectedRun,
  selectedSession,
  selectedStep,
  selectedTopic,
  selectedWorker,
  shownTab,
} from "./selection.ts";
import { timelineKeys } from "./timeline.ts";

/** Far enough to reach either end of any list. */
const ALL_THE_WAY = 1_000_000_000;

/** Moves within the focused pane. */
export function moveIn(screen: Screen, action: MoveAction, view: View): Screen {
  switch (screen.focus) {
    case "flow":
      return moveStep(screen, action, view);
    case "detail":
      return moveDetail(screen, action, view);
    case "events": {
      const events = moveReader(eventSource(screen, view.events), screen.events, {
        action,
        page: view.page,
      });
      return { ...screen, events };
    }
    default:
      return moveInList(screen, action, view);
  }
}

function moveInList(screen: Screen, action: MoveAction, view: View): Screen {
  const { state, page } = view;
  switch (screen.focus) {
    case "runs": {
      const run = pick(state.runs, selectedRun(screen, state), { action, page });
      return run === undefined ? screen : { ...screen, runId: run.runId, detailTop: null };
    }
    case "agents": {
      const worker = pick(state.workers, selectedWorker(screen, state), { action, page });
      return { ...screen, slot: worker?.slot ?? null };
    }
    case "sessions": {
      const session = pick(state.sessions, selectedSession(screen, state), { action, page });
      return { ...screen, sessionId: session?.sessionId ?? null };
    }
    default: {
      if (screen.openTopic === null) {
        const topic = pick(state.topics, selectedTopic(screen, state), { action, page });
        return { ...screen, topic: topic?.topic ?? null };
      }
      const source = messageSource(screen, view.messages);
      return { ...screen, messages: moveReader(source, screen.messages, { action, page }) };
    }
  }
}

interface Move {
  readonly action: MoveAction;
  readonly page: number;
}

function pick<Item>(
  items: readonly Item[],
  current: Item | undefined,
  { action, page }: Move,
): Item | undefined {
  const index = current === undefined ? 0 : items.indexOf(current);
  return items[clamp(index + rowsOf(action, page), items.length)];
}

function rowsOf(action: MoveAction, page: number): number {
  switch (action) {
    case "up":
      return -1;
    case "down":
      return 1;
    case "page-up":
      return -Math.max(1, page - 1);
    case "page-down":
      return Math.max(1, page - 1);
    case "top":
      return -ALL_THE_WAY;
    case "end":
      return ALL_THE_WAY;
    case "left":
    case "right":
      return 0;
  }
}

function moveReader<Item>(source: LogSource<Item>, view: LogView, { action, page }: Move): LogView {
  if (action === "left" || action === "right") return view;
  if (action === "end") return { ...view, cursor: null, bottom: null };
  if (action === "down" && view.cursor === null) return view;
  const delta = Math.max(rowsOf(action, page), -source.ring.length);
  return moveLog(source, view, { delta: Math.min(delta, source.ring.length), page });
}

function moveStep(screen: Screen, action: MoveAction, { state, page }: View): Screen {
  const stages = action === "left" ? -1 : action === "right" ? 1 : 0;
  const rows = rowsOf(action, page);
  const stepKey =
    screen.flowView === "timeline" && stages === 0
      ? neighbourRow(screen, state, rows)
      : neighbourStep(screen, state, { stages, rows });
  return stepKey === undefined ? screen : { ...screen, stepKey, detailTop: null };
}

/** The step `rows` rows away in the timeline. */
function neighbourRow(screen: Screen, state: View["state"], rows: number): StepKey | undefined {
  const selected = selectedStep(screen, state);
  if (selected === undefined) return undefined;
  const keys = timelineKeys(selected.run, selected.key);
  return keys[clamp(keys.indexOf(selected.key) + rows, keys.length)];
}

function moveDetail(
  screen: Screen,
  action: MoveAction,
  { detailLines, detailStart, page }: View,
): Screen {
  if (action === "left" || action === "right") {
    const index = DETAIL_TABS.indexOf(shownTab(screen)) + (action === "left" ? -1 : 1);
    const detailTab = DETAIL_TABS[(index + DETAIL_TABS.length) % DETAIL_TABS.length] ?? "output";
    return { ...screen, detailTab, detailTop: null };
  }
  const last = Math.max(0, detailLines - page);
  const from = screen.detailTop ?? detailStart;
  const top = clamp(Math.min(from, last) + rowsOf(action, page), last + 1);
  return { ...screen, detailTop: action === "end" && screen.detailTab === "log" ? null : top };
}
