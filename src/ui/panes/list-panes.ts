/** The panes that are tables: runs, agents, topics, sessions. */
import type {
  RunView,
  SessionSummary,
  TopicView,
  WorkerView,
} from "../../console/console-state.ts";
import {
  formatAge,
  formatBytes,
  formatClock,
  formatDay,
  formatDuration,
  formatPercent,
  sparkline,
} from "../format.ts";
import { selectedRun, selectedSession, selectedTopic, selectedWorker } from "../model/selection.ts";
import { span } from "../spans.ts";
import { runLook, workerLook } from "../theme.ts";
import type { PaneContent, PaneInput } from "./pane.ts";
import type { TableColumn } from "./table.ts";
import { tableLines } from "./table.ts";

/** What a run was about: its question, or its flow and model. */
export function runSubject(run: RunView): string {
  const { flow, spec } = run.state.origin;
  if (spec.basedOn !== undefined) return String(spec.parameters["question"] ?? flow.name);
  const model = spec.parameters["model"];
  return typeof model === "string" ? `${flow.name} · ${model}` : flow.name;
}

/** The runs of the session, newest first. */
export function runsPane({ state, screen, width, height, focused }: PaneInput): PaneContent {
  const columns: readonly TableColumn<RunView>[] = [
    {
      title: "status",
      width: 12,
      priority: 1,
      text: (run) => `${runLook(run.state.status).glyph} ${run.state.status}`,
      tone: (run) => runLook(run.state.status).tone,
    },
    {
      title: "run",
      width: 12,
      priority: 1,
      grows: true,
      text: (run) => {
        const mark = run.runId === screen.markedRun ? "◆ " : "";
        return `${mark}${run.state.origin.spec.basedOn === undefined ? "" : "? "}${runSubject(run)}`;
      },
      tone: (run) => (run.runId === screen.markedRun ? "accent" : undefined),
    },
    {
      title: "began",
      width: 8,
      priority: 3,
      text: (run) => formatClock(run.state.startedAt),
    },
    {
      title: "took",
      width: 7,
      align: "right",
      priority: 2,
      text: (run) => formatDuration((run.state.finishedAt ?? state.now) - run.state.startedAt),
    },
  ];
  const selected = selectedRun(screen, state);
  const marked = state.runs.some(({ runId }) => runId === screen.markedRun);
  return {
    title: "Runs",
    info: [span(`${marked ? "◆ is marked  " : ""}${state.runs.length}`, "muted")],
    lines: tableLines({
      columns,
      rows: state.runs,
      selected,
      width,
      height,
      focused,
      empty: "No run yet: n starts one.",
    }),
  };
}

/** The workers. */
export function agentsPane({ state, screen, width, height, focused }: PaneInput): PaneContent {
  const selected = selectedWorker(screen, state);
  const ready = state.workers.filter(
    ({ status }) => status === "ready" || status === "busy",
  ).length;
  const table = tableLines({
    columns: workerColumns(state.now),
    rows: state.workers,
    selected,
    width,
    height: Math.max(2, height - (selected?.lastWords.length ? 3 : 0)),
    focused,
    empty: "No worker is known yet.",
  });
  const words = (selected?.lastWords ?? []).slice(-2);
  return {
    title: "Agents",
    info: [span(`${ready}/${state.workers.length} ready`, "muted")],
    lines: [
      ...table,
      ...(words.length === 0 ? [] : [[span(`  last words of ${selected?.slot ?? ""}`, "muted")]]),
      ...words.map((line) => [span(`  ${line}`, "bad")]),
    ],
  };
}

function workerColumns(now: number): readonly TableColumn<WorkerView>[] {
  const beat = (worker: WorkerView): WorkerView["heartbeat"] => worker.heartbeat;
  return [
    {
      title: "slot",
      width: 15,
      priority: 1,
      text: (one) => one.slot.split(":").slice(-2).join(":"),
    },
    {
      title: "status",
      width: 12,
      priority: 1,
      text: (one) => `${workerLook(one.status).glyph} ${workerLook(one.status).word}`,
      tone: (one) => workerLook(one.status).tone,
    },
    { title: "pid", width: 6, align: "right", priority: 5, text: (one) => String(one.pid ?? "–") },
    {
      title: "up",
      width: 4,
      align: "right",
      priority: 6,
      text: (one) => (beat(one) === null ? "–" : formatAge(beat(one)?.uptimeMs ?? 0)),
    },
    {
      title: "restarts",
      width: 8,
      align: "right",
      priority: 5,
      text: (one) => String(one.restarts),
      tone: (one) => (one.restarts > 0 ? "warning" : undefined),
    },
    {
      title: "CPU",
      width: 4,
      align: "right",
      priority: 3,
      text: (one) => (beat(one) === null ? "–" : formatPercent(beat(one)?.cpuShare ?? 0)),
    },
    {
      title: "memory",
      width: 8,
      align: "right",
      priority: 3,
      text: (one) => (beat(one) === null ? "–" : formatBytes(beat(one)?.rssBytes ?? 0)),
    },
    {
      title: "queue",
      width: 5,
      align: "right",
      priority: 7,
      text: (one) => String(beat(one)?.queueDepth ?? "–"),
    },
    {
      title: "beat",
      width: 4,
      align: "right",
      priority: 4,
      text: (one) => (one.heartbeatAt === null ? "–" : formatAge(now - one.heartbeatAt)),
    },
    {
      title: "task",
      width: 10,
      priority: 2,
      grows: true,
      text: (one) => beat(one)?.currentTask ?? "–",
    },
  ];
}

/** The topics. */
export function topicsTable({ state, screen, width, height, focused }: PaneInput): PaneContent {
  const columns: readonly TableColumn<TopicView>[] = [
    { title: "topic", width: 19, priority: 1, text: (one) => one.topic },
    {
      title: "30 s",
      width: 15,
      priority: 2,
      text: (one) => sparkline(one.perSecond, 15),
      tone: () => "live",
    },
    { title: "count", width: 6, align: "right", priority: 1, text: (one) => String(one.count) },
    {
      title: "bad",
      width: 4,
      align: "right",
      priority: 1,
      text: (one) => (one.unparsable === 0 ? "" : `✗${one.unparsable}`),
      tone: () => "bad",
    },
    {
      title: "last",
      width: 12,
      priority: 3,
      grows: true,
      text: (one) => one.lastText,
      tone: () => "muted",
    },
  ];
  const selected = selectedTopic(screen, state);
  return {
    title: "Topics",
    info: [span(`${state.topics.reduce((sum, one) => sum + one.count, 0)} messages`, "muted")],
    lines: tableLines({
      columns,
      rows: state.topics,
      selected,
      width,
      height,
      focused,
      empty: "No message was seen yet.",
    }),
  };
}

/** The sessions. */
export function sessionsPane({ state, screen, width, height, focused }: PaneInput): PaneContent {
  const columns: readonly TableColumn<SessionSummary>[] = [
    {
      title: "",
      width: 1,
      priority: 1,
      text: (one) => (one.sessionId === state.session?.sessionId ? "●" : " "),
      tone: () => "good",
    },
    { title: "session", width: 16, priority: 1, grows: true, text: (one) => one.name },
    { title: "runs", width: 4, align: "right", priority: 2, text: (one) => String(one.runCount) },
    { title: "changed", width: 16, priority: 3, text: (one) => formatDay(one.changedAt) },
    { title: "created", width: 16, priority: 4, text: (one) => formatDay(one.createdAt) },
  ];
  const selected = selectedSession(screen, state);
  return {
    title: "Sessions",
    info: [span("● is open", "muted")],
    lines: tableLines({
      columns,
      rows: state.sessions,
      selected,
      width,
      height,
      focused,
      empty: "No session is stored yet.",
    }),
  };
}
