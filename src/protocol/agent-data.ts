import { z } from "zod";
import { artifactSchema } from "./artifact.ts";
import { ensembleOutputSchema, ensembleSchema } from "./ensemble-data.ts";
import { jsonSchema } from "./json.ts";

/**
 * What each agent takes in and gives back: the `input` of a task and the `output` of a result.
 * These schemas are the agents' public contract; everything else about them is private.
 */

/** The order to simulate: a catalogued model, or the model's own text stored with the run. */
export const simulationInputSchema = z.object({
  model: z.string().min(1).max(200).describe("a catalogued model's name, for instance sir"),
  /** Stored with the run so that it survives the file's changes. */
  modelText: z.string().max(200_000).optional().describe("the XMILE text of the model"),
  parameters: z
    .record(z.string().max(1000), z.number())
    .default({})
    .describe("replaces the value of constants: variable name and number"),
  stopTime: z.number().optional().describe("when the simulation ends, in the model's time unit"),
  timeStep: z.number().positive().optional().describe("the time between two steps"),
  method: z.enum(["euler", "rk4"]).optional().describe("how it is integrated"),
  ensemble: ensembleSchema
    .optional()
    .describe("simulates the model many times beside, with parameters that vary"),
});
export type SimulationInput = z.infer<typeof simulationInputSchema>;

/** Numbers that describe one variable's course. */
export const variableSummarySchema = z.object({
  name: z.string().max(1000),
  /** How people call it: the name as the model writes it. */
  label: z.string().max(1000),
  kind: z.enum(["stock", "flow", "auxiliary"]),
  unit: z.string().max(100).optional(),
  initial: z.number(),
  final: z.number(),
  minimum: z.number(),
  minimumTime: z.number(),
  maximum: z.number(),
  maximumTime: z.number(),
});
export type VariableSummary = z.infer<typeof variableSummarySchema>;

/** What a simulation gives back: a Parquet table (first column `time`) and a small summary. */
export const simulationOutputSchema = z.object({
  model: z.object({
    name: z.string().max(1000),
    title: z.string().max(200),
    timeUnit: z.string().max(100),
  }),
  /** `command`: the program of a command model computed it. */
  method: z.enum(["euler", "rk4", "command"]),
  startTime: z.number(),
  stopTime: z.number(),
  timeStep: z.number(),
  parameters: z.record(z.string().max(1000), z.number()),
  variables: z.array(variableSummarySchema).max(1000),
  /** The variables a reader should be shown first, by name. */
  highlights: z.array(z.string().max(1000)).max(20),
  data: artifactSchema,
  /** What the runs of the ensemble came to; everything else is of the model's own parameters. */
  ensemble: ensembleOutputSchema.optional(),
});
export type SimulationOutput = z.infer<typeof simulationOutputSchema>;

/** Questions that one may go on from. */
export const MAXIMUM_EARLIER_QUESTIONS = 10;

/** A question about a simulation's results. */
export const qnaInputSchema = z.object({
  question: z.string().min(1).max(2000).describe("what is asked, in plain words"),
  earlier: z
    .array(z.string().min(1).max(2000))
    .max(MAXIMUM_EARLIER_QUESTIONS)
    .optional()
    .describe("the questions asked before, the oldest first, which this one may go on from"),
  simulation: simulationOutputSchema.describe("the output of a simulation"),
});
export type QnaInput = z.infer<typeof qnaInputSchema>;

/** How a language model came to an answer. */
export const modelShareSchema = z.object({
  name: z.string().max(200),
  /** Whether every number of the answer comes from a tool's result or the question. */
  grounded: z.boolean(),
  /** The numbers that do not, as they are printed. */
  ungrounded: z.array(z.string().max(100)).max(20),
  /** What the offline analyst says instead, when the answer is not grounded and it can tell. */
  offlineAnswer: z.string().max(4000).nullable(),
  usage: z.object({
    /** Requests to the endpoint that were answered. */
    requests: z.int().nonnegative(),
    toolCalls: z.int().nonnegative(),
    inputTokens: z.int().nonnegative(),
    outputTokens: z.int().nonnegative(),
    /** In the currency of the configured prices; null when they are not configured. */
    cost: z.number().nonnegative().nullable(),
  }),
});
export type ModelShare = z.infer<typeof modelShareSchema>;

/** An answer, or an honest refusal that says what can be answered. */
export const qnaOutputSchema = z.object({
  status: z.enum(["answered", "abstained"]),
  question: z.string().max(2000),
  /** One sentence for people. */
  answer: z.string().max(4000),
  value: z.number().nullable(),
  unit: z.string().max(100).nullable(),
  /** How it was computed, in words. */
  how: z.string().max(2000),
  /** The query the number came from; null when abstained. */
  sql: z.string().max(8000).nullable(),
  /** Questions that can be asked of this run. */
  suggestions: z.array(z.string().max(300)).max(10),
  /** There when a language model has answered. */
  model: modelShareSchema.optional(),
});
export type QnaOutput = z.infer<typeof qnaOutputSchema>;

/** The charts there are; which one suits is chosen from the data unless it is asked for. */
export const CHART_KINDS = [
  "line",
  "band",
  "scatter",
  "histogram",
  "phase",
  "small-multiples",
  "tornado",
] as const;
export const chartKindSchema = z.enum(CHART_KINDS);
export type ChartKind = z.infer<typeof chartKindSchema>;

/** The order to draw: which variables of a simulation, or a Vega-Lite spec of the user's own. */
export const vizInputSchema = z.object({
  simulation: simulationOutputSchema.describe("the output of a simulation"),
  title: z.string().max(200).optional().describe("the title above the chart"),
  variables: z
    .array(z.string().max(1000))
    .max(12)
    .optional()
    .describe("variables to draw by name; the simulation's highlights when absent"),
  chart: chartKindSchema.optional().describe("the kind of chart; chosen from the data when absent"),
  compareWith: simulationOutputSchema
    .optional()
    .describe("the output of a second simulation, drawn over the first"),
  bands: artifactSchema
    .optional()
    .describe("a table of quantiles over time: `time`, then `<variable> q05`, `<variable> q50` …"),
  sensitivity: artifactSchema
    .optional()
    .describe("a table of rank correlations: `parameter`, `variable`, `measure`, `rho`"),
  answer: qnaOutputSchema.optional().describe("an answer to print in the report beside the chart"),
  spec: z
    .record(z.string(), z.json())
    .optional()
    .describe("a Vega-Lite spec; its data is replaced by the simulation's table, `table`"),
});
export type VizInput = z.infer<typeof vizInputSchema>;

/** One line of a chart, thinned to what a terminal can show. */
export const chartSeriesSchema = z.object({
  name: z.string().max(1000),
  unit: z.string().max(100).optional(),
  points: z.array(z.tuple([z.number(), z.number()])).max(400),
});
export type ChartSeries = z.infer<typeof chartSeriesSchema>;

/** How a terminal draws the points of a chart's series. */
export const chartMarkSchema = z.enum(["line", "points", "bars", "ranks"]);
export type ChartMark = z.infer<typeof chartMarkSchema>;

/** A drawn chart: files for people, and data small enough to be drawn again in a terminal pane. */
export const vizOutputSchema = z.object({
  title: z.string().max(200),
  description: z.string().max(2000),
  svg: artifactSchema,
  png: artifactSchema,
  spec: artifactSchema,
  /** One HTML file with all there is to show; charts drawn by older versions have none. */
  report: artifactSchema.optional(),
  /** What was drawn, and why this; `own` is a spec of the user's. */
  chart: z.enum([...CHART_KINDS, "own"]).optional(),
  reason: z.string().max(300).optional(),
  /** `line` when absent. */
  mark: chartMarkSchema.optional(),
  xLabel: z.string().max(200),
  series: z.array(chartSeriesSchema).max(12),
});
export type VizOutput = z.infer<typeof vizOutputSchema>;

/** The order to call a tool of a server of the operator's own. */
export const mcpInputSchema = z.object({
  tool: z.string().min(1).max(200).describe("the server's name, two underscores, the tool's name"),
  arguments: z.record(z.string(), jsonSchema).default({}).describe("what the tool is given"),
});
export type McpInput = z.infer<typeof mcpInputSchema>;

/** What a foreign tool gave back; nobody has vouched for it. */
export const mcpOutputSchema = z.object({
  tool: z.string().max(200),
  /** Its texts, one after the other, without control characters. */
  text: z.string().max(30_000),
  /** What it gave as data; null when it gave none, or too much. */
  structured: jsonSchema,
  /** Whether something was too large and is missing. */
  isCut: z.boolean(),
});
