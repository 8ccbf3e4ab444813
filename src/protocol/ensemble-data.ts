import { z } from "zod";
import { artifactSchema } from "./artifact.ts";

/** What an ensemble of simulations is told, and what it gives back. */

const values = z.array(z.number()).min(1).max(10_000);

/** How a parameter is drawn. Wrong bounds are refused by the engine, with words. */
export const distributionSchema = z.discriminatedUnion("distribution", [
  z.object({
    distribution: z.literal("uniform"),
    minimum: z.number(),
    maximum: z.number(),
    /** In a grid: how many values from minimum to maximum, both included. */
    points: z.int().min(2).max(10_000).optional(),
  }),
  z.object({ distribution: z.literal("normal"), mean: z.number(), deviation: z.number() }),
  /** By the mean and deviation of its values, not of their logarithms. */
  z.object({ distribution: z.literal("lognormal"), mean: z.number(), deviation: z.number() }),
  z.object({
    distribution: z.literal("triangular"),
    minimum: z.number(),
    mode: z.number(),
    maximum: z.number(),
  }),
  z.object({
    distribution: z.literal("choice"),
    values,
    /** How often each value is drawn against the others; equally often when absent. */
    weights: z.array(z.number().nonnegative()).max(10_000).optional(),
  }),
  /** A list to go through: in a grid each value, else each equally often. */
  z.object({ distribution: z.literal("values"), values }),
]);
export type Distribution = z.infer<typeof distributionSchema>;

/** How sets of parameters are drawn. */
export const SAMPLINGS = ["monte-carlo", "latin-hypercube", "grid"] as const;

/** The most runs of one ensemble. */
export const MAX_RUNS = 100_000;

/** The largest seed: 32 bits. */
export const MAX_SEED = 2 ** 32 - 1;

/** The order to simulate a model many times with parameters that vary. */
export const ensembleSchema = z.object({
  runs: z
    .int()
    .min(2)
    .max(MAX_RUNS)
    .optional()
    .describe("how many simulations, 100 when absent; of a grid at most how many"),
  seed: z
    .int()
    .nonnegative()
    .max(MAX_SEED)
    .default(1)
    .describe("the same seed gives the same numbers on any number of threads"),
  sampling: z.enum(SAMPLINGS).default("monte-carlo").describe("how parameters are drawn"),
  parameters: z
    .union([
      z.string().max(10_000),
      z.record(z.string().max(1000), z.union([distributionSchema, z.string().max(10_000)])),
    ])
    .describe("what varies: a=uniform(1, 2); b=normal(5, 0.5), or distributions by name"),
  variables: z
    .array(z.string().max(1000))
    .max(20)
    .optional()
    .describe("the variables that bands and sensitivity are of; the highlights when absent"),
  earlyStop: z
    .object({
      tolerance: z
        .number()
        .nonnegative()
        .max(1)
        .describe("largest half-width of the 95 % intervals of all quantiles, as a share; 0: off"),
      minimumRuns: z.int().min(20).max(MAX_RUNS).default(100),
    })
    .optional()
    .describe("ends the ensemble once its quantiles are known well enough"),
});
export type EnsembleOrder = z.infer<typeof ensembleSchema>;

/** What of a variable's course is compared between runs. */
export const MEASURES = ["final", "peak"] as const;

const correlationSchema = z.object({
  parameter: z.string().max(1000),
  variable: z.string().max(1000),
  measure: z.enum(MEASURES),
  /** Spearman's rank correlation, -1 to 1. */
  rho: z.number(),
});
export type RankCorrelation = z.infer<typeof correlationSchema>;

/** The quantiles of what the runs came to. */
const spreadSchema = z.object({
  variable: z.string().max(1000),
  measure: z.enum(MEASURES),
  mean: z.number(),
  q05: z.number(),
  q25: z.number(),
  q50: z.number(),
  q75: z.number(),
  q95: z.number(),
});
export type Spread = z.infer<typeof spreadSchema>;

/** What an ensemble gives back beside the course of the model's own parameters. */
export const ensembleOutputSchema = z.object({
  /** How many runs were wanted, and how many there are. */
  runs: z.int().positive(),
  runsDone: z.int().positive(),
  seed: z.int().nonnegative(),
  sampling: z.enum(SAMPLINGS),
  /** Why it ended before its last run; absent when it did not. */
  stopReason: z.string().max(300).optional(),
  parameters: z
    .array(z.object({ name: z.string().max(1000), distribution: z.string().max(300) }))
    .max(100),
  spreads: z.array(spreadSchema).max(40),
  /** The strongest first. */
  correlations: z.array(correlationSchema).max(200),
  /** `run`, `time`, what varies and what changes: a row for each saved time of each run. */
  rows: artifactSchema,
  /** `time`, then `<variable> q05`, `q25`, `q50`, `q75`, `q95`, `mean`: a row for each saved time. */
  bands: artifactSchema,
  /** `parameter`, `variable`, `measure`, `rho`. */
  sensitivity: artifactSchema,
});
export type EnsembleOutput = z.infer<typeof ensembleOutputSchema>;
