/** Runs for tests, made by folding real events of the built-in flows. */
import { readFileSync } from "node:fs";
import type { JsonValue } from "../../src/base/json-value.ts";
import type { LogLine, RunView, TaskProgress } from "../../src/console/console-state.ts";
import type { Flow } from "../../src/orchestrator/flow.ts";
import { parseFlow } from "../../src/orchestrator/flow-file.ts";
import { fold } from "../../src/orchestrator/fold.ts";
import { historyOf } from "../../src/orchestrator/history.ts";
import type { QnaOutput, SimulationOutput, VizOutput } from "../../src/protocol/agent-data.ts";
import { runIdSchema, sessionIdSchema, stepKeySchema, taskIdOf } from "../../src/protocol/ids.ts";
import type { RunEvent, RunSpec } from "../../src/protocol/run-events.ts";

/** When the story of every test begins. */
export const START = new Date(2026, 10, 22, 14, 0, 0).getTime();

/** The text of a flow that ships with the console. */
export function flowText(name: string): string {
  return readFileSync(new URL(`../../flows/${name}.yaml`, import.meta.url), "utf8");
}

/** A flow from its text. */
export function flowOf(text: string): Flow {
  const parsed = parseFlow(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return parsed.value;
}

const artifact = {
  sha256: "a".repeat(64),
  mediaType: "image/png",
  bytes: 48_211,
  name: "chart.png",
};

export const SIMULATION_OUTPUT: SimulationOutput = {
  model: { name: "sir", title: "SIR epidemic", timeUnit: "days" },
  method: "rk4",
  startTime: 0,
  stopTime: 100,
  timeStep: 0.25,
  parameters: { contact_rate: 6, infectivity: 0.25 },
  variables: [
    variable("susceptible", 9990, 1.6, 1.6, 100, 9990, 0),
    variable("infectious", 10, 28.31, 10, 0, 6021.4, 9.5),
    variable("recovered", 0, 9970.1, 0, 0, 9970.1, 100),
  ],
  highlights: ["infectious"],
  data: {
    ...artifact,
    mediaType: "application/vnd.apache.parquet",
    name: "table.parquet",
    rows: 401,
  },
};

function variable(
  name: string,
  initial: number,
  final: number,
  minimum: number,
  minimumTime: number,
  maximum: number,
  maximumTime: number,
): SimulationOutput["variables"][number] {
  return {
    name,
    label: name,
    kind: "stock",
    unit: "people",
    initial,
    final,
    minimum,
    minimumTime,
    maximum,
    maximumTime,
  };
}

export const QNA_OUTPUT: QnaOutput = {
  status: "answered",
  question: "What is the peak of infectious, and when does it occur?",
  answer: "Infectious peaks at 6 021 people on day 9.5.",
  value: 6021.4,
  unit: "people",
  how: "The largest value of infectious over the whole run.",
  sql: "SELECT time, infectious FROM results\nORDER BY infectious DESC LIMIT 1",
  suggestions: ["What is recovered at the end?"],
};

export const VIZ_OUTPUT: VizOutput = {
  title: "SIR epidemic",
  description: "Infectious over time.",
  svg: { ...artifact, mediaType: "image/svg+xml", name: "chart.svg" },
  png: artifact,
  spec: { ...artifact, mediaType: "application/json", name: "spec.json" },
  xLabel: "days",
  series: [
    {
      name: "infectious",
      unit: "people",
      points: [
        [0, 10],
        [9.5, 6021.4],
        [100, 28.3],
      ],
    },
  ],
};

/** What a step's attempt came to. */
export type Told =
  | {
      readonly step: string;
      readonly attempt?: number;
      readonly at: number;
      readonly output: unknown;
    }
  | {
      readonly step: string;
      readonly attempt?: number;
      readonly at: number;
      readonly failed: string;
    }
  | {
      readonly step: string;
      readonly at: number;
      readonly output: unknown;
      /** The run whose first attempt of the step has really done it. */
      readonly cachedFrom: string;
    }
  | { readonly cancelAt: number }
  | { readonly rerun: string; readonly at: number };

/** How a run of a test goes; times are milliseconds after it was requested. */
export interface RunStory {
  readonly id: string;
  readonly flow?: string;
  readonly text?: string;
  readonly requestedAt?: number;
  readonly spec?: Partial<RunSpec>;
  readonly told?: readonly Told[];
  readonly progress?: Readonly<
    Record<string, Partial<TaskProgress> & { readonly attempt?: number }>
  >;
  readonly logs?: readonly { readonly step: string; readonly text: string }[];
}

/** A run as the console would show it after the story's events. */
export function runView(story: RunStory): RunView {
  const runId = runIdSchema.parse(story.id);
  const requestedAt = story.requestedAt ?? START;
  const name = story.flow ?? "simulation-qna-viz";
  const requested: RunEvent = {
    type: "run-requested",
    at: requestedAt,
    spec: {
      runId,
      sessionId: sessionIdSchema.parse("s1"),
      flowName: name,
      flowText: story.text ?? flowText(name),
      parameters: {},
      models: {},
      ...story.spec,
    },
  };
  const events = [requested, ...(story.told ?? []).map((one) => eventOf(one, runId, requestedAt))];
  const state = fold(events);
  if (state === undefined) throw new Error("the story does not begin with a request");
  const taskId = (step: string, attempt = 1): ReturnType<typeof taskIdOf> =>
    taskIdOf(runId, stepKeySchema.parse(step), attempt);
  const progress = Object.entries(story.progress ?? {}).map(([step, { attempt, ...known }]) => [
    taskId(step, attempt),
    {
      startedAt: requestedAt + 100,
      worker: `box:${step}:1`,
      fraction: null,
      message: "",
      ...known,
    },
  ]);
  const logs = (story.logs ?? []).map(
    ({ step, text }, index): LogLine => ({
      at: requestedAt + index * 100,
      taskId: taskId(step),
      level: "info",
      text,
    }),
  );
  return {
    runId,
    sessionId: sessionIdSchema.parse("s1"),
    seq: 1,
    state,
    history: historyOf(events.map((event, index) => ({ seq: index + 1, event }))),
    progress: Object.fromEntries(progress),
    logs,
  };
}

function eventOf(told: Told, runId: RunView["runId"], base: number): RunEvent {
  if ("cancelAt" in told)
    return { type: "cancel-requested", at: base + told.cancelAt, commandId: "c1" };
  if ("rerun" in told) {
    return {
      type: "rerun-requested",
      at: base + told.at,
      commandId: "c2",
      stepKey: stepKeySchema.parse(told.rerun),
    };
  }
  const stepKey = stepKeySchema.parse(told.step);
  const attempt = "attempt" in told ? (told.attempt ?? 1) : 1;
  const times = {
    worker: `box:${told.step}:1`,
    startedAt: base + told.at - 1200,
    finishedAt: base + told.at,
  };
  const result =
    "failed" in told
      ? ({
          status: "failed",
          failure: { kind: "tool", message: told.failed, nextStep: "look at its log" },
          ...times,
        } as const)
      : ({ status: "succeeded", output: told.output as JsonValue, ...times } as const);
  if ("cachedFrom" in told && result.status === "succeeded") {
    const from = { runId: runIdSchema.parse(told.cachedFrom), stepKey, attempt: 1 };
    return { type: "result-reused", at: base + told.at, stepKey, attempt, from, result };
  }
  return {
    type: "result-received",
    at: base + told.at,
    stepKey,
    attempt,
    taskId: taskIdOf(runId, stepKey, attempt),
    result,
  };
}

const simulated = { step: "simulation", at: 1300, output: SIMULATION_OUTPUT } as const;

/** A run whose simulation is done while qna and viz work side by side. */
export const halfway = (): RunView =>
  runView({
    id: "run-1",
    told: [simulated],
    progress: {
      qna: { startedAt: START + 1400, fraction: 0.4, message: "querying the table" },
      viz: { startedAt: START + 1400, fraction: 0.75, message: "rendering" },
    },
    logs: [
      { step: "simulation", text: "model sir: 3 stocks, 2 flows" },
      { step: "qna", text: "read 401 rows" },
    ],
  });

/** A run that has succeeded. */
export const finished = (): RunView =>
  runView({
    id: "run-1",
    told: [
      simulated,
      { step: "qna", at: 2600, output: QNA_OUTPUT },
      { step: "viz", at: 3100, output: VIZ_OUTPUT },
    ],
    logs: [{ step: "simulation", text: "model sir: 3 stocks, 2 flows" }],
  });
