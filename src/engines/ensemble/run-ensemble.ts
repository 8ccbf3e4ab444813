/**
 * Simulates a model many times.
 *
 * E1 All parameters are drawn before the first run; the results are merged in the order of the
 *    runs. So the same order gives the same bytes on any number of threads.
 * E2 How runs are put together in batches depends on the order and the model alone.
 * E3 Whether the ensemble ends early is decided after each batch from the runs up to it.
 */
import { availableParallelism } from "node:os";
import type { Result } from "../../base/result.ts";
import { err, ok } from "../../base/result.ts";
import type { EnsembleOrder, RankCorrelation, Spread } from "../../protocol/ensemble-data.ts";
import type { ModelProblem } from "../xmile/problem.ts";
import type { CourseTable } from "../xmile/simulate.ts";
import type { BatchOrder } from "./batch.ts";
import type { Collection } from "./collect.ts";
import { startCollection } from "./collect.ts";
import { textOfDistribution } from "./distribution.ts";
import type { ParameterSets } from "./draw-sets.ts";
import { drawSets } from "./draw-sets.ts";
import type { EnsembleTask, Layout } from "./layout.ts";
import { layoutOf } from "./layout.ts";
import { readDistributions } from "./read-distributions.ts";
import type { RowsColumn } from "./rows.ts";
import { rowsOf } from "./rows.ts";
import type { Batch } from "./threads.ts";
import { runBatches } from "./threads.ts";

/** How an ensemble is followed and stopped. */
export interface EnsembleHooks {
  /** As many as there are processors when absent; the results do not depend on it. */
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Given the rows of some runs, in the order of the runs; awaited before the next ones. */
  readonly onRows?: ((rows: readonly RowsColumn[]) => Promise<void>) | undefined;
  readonly onProgress?: ((runsDone: number, runs: number) => void) | undefined;
}

/** What an ensemble came to. */
export interface EnsembleResult {
  readonly runs: number;
  readonly runsDone: number;
  readonly stopReason: string | undefined;
  readonly parameters: readonly { readonly name: string; readonly distribution: string }[];
  readonly spreads: readonly Spread[];
  /** The strongest first. */
  readonly correlations: readonly RankCorrelation[];
  /** The quantiles of the main variables at each saved time. */
  readonly bands: CourseTable;
}

/**
 * Runs an ensemble. The error says what is wrong with the model or the order; a value that stops
 * being a number ends it with the run and its parameters. Cancelled, it is a problem `cancelled`.
 */
export async function runEnsemble(
  task: EnsembleTask,
  hooks: EnsembleHooks = {},
): Promise<Result<EnsembleResult, ModelProblem>> {
  const planned = planEnsemble(task);
  if (!planned.ok) return planned;
  const { sets, layout, parameters } = planned.value;
  const collection = startCollection(layout.main, { runs: sets.runs, times: layout.times });
  try {
    const stopReason = await runAll(planned.value, task, { hooks, collection });
    if (!stopReason.ok) return stopReason;
    return ok({
      runs: sets.runs,
      runsDone: collection.runsDone,
      stopReason: stopReason.value,
      parameters,
      spreads: collection.spreads(),
      correlations: collection.correlations(sets),
      bands: await collection.bands(hooks.signal),
    });
  } catch (cause) {
    if (hooks.signal?.aborted !== true) throw cause;
    return err(CANCELLED);
  }
}

const CANCELLED: ModelProblem = {
  code: "cancelled",
  message: "The ensemble was cancelled",
  nextStep: "Run it again when you want its result.",
};

interface EnsemblePlan {
  readonly sets: ParameterSets;
  readonly layout: Layout;
  readonly parameters: EnsembleResult["parameters"];
}

function planEnsemble(task: EnsembleTask): Result<EnsemblePlan, ModelProblem> {
  const { order } = task;
  const distributions = readDistributions(order.parameters);
  if (!distributions.ok) return err(wrongOrder(distributions.error));
  const sets = drawSets(order, distributions.value);
  if (!sets.ok) return err(wrongOrder(sets.error));
  const layout = layoutOf(task, sets.value);
  if (!layout.ok) return layout;
  const parameters = [...distributions.value].map(([name, distribution]) => ({
    name,
    distribution: textOfDistribution(distribution).slice(0, 300),
  }));
  return ok({ sets: sets.value, layout: layout.value, parameters });
}

function wrongOrder(message: string): ModelProblem {
  return {
    code: "invalid-parameter",
    message,
    nextStep: "Write, for instance, rate=uniform(0.2, 0.4); size=values(10, 20).",
  };
}

/** Values of one batch: bounds the memory, and is one group of rows in the stored table. */
const VALUES_PER_BATCH = 150_000;

/** Batches an ensemble has at least, so that threads share it and an early stop comes early. */
const LEAST_BATCHES = 20;

/** E2 */
function batchesOf({ sets, layout }: EnsemblePlan): readonly BatchOrder[] {
  const ofRun = layout.times.length * (layout.columns.length + 2);
  const fitting = Math.floor(VALUES_PER_BATCH / ofRun);
  const size = Math.max(1, Math.min(fitting, Math.ceil(sets.runs / LEAST_BATCHES)));
  return Array.from({ length: Math.ceil(sets.runs / size) }, (_, index) => {
    const firstRun = index * size;
    const runs = Math.min(size, sets.runs - firstRun);
    const width = sets.names.length;
    const ofBatch = sets.values.slice(firstRun * width, (firstRun + runs) * width);
    return { index, firstRun, runs, sets: ofBatch };
  });
}

interface Following {
  readonly hooks: EnsembleHooks;
  readonly collection: Collection;
}

/** Runs all batches, or as many as the early stop lets; gives the reason of an early stop. */
async function runAll(
  plan: EnsemblePlan,
  task: EnsembleTask,
  { hooks, collection }: Following,
): Promise<Result<string | undefined, ModelProblem>> {
  const { sets, layout } = plan;
  const count = hooks.threads ?? availableParallelism();
  const stopping = earlyStopOf(task.order, collection);
  const batches = runBatches(layout.job, batchesOf(plan), { count, signal: hooks.signal });
  for await (const batch of batches) {
    if (!batch.ok) return batch;
    await take(batch.value, layout, { hooks, collection }); // E1
    hooks.onProgress?.(collection.runsDone, sets.runs);
    if (collection.runsDone === sets.runs) break;
    const reason = stopping(); // E3
    if (reason !== undefined) return ok(reason);
  }
  return ok(undefined);
}

async function take(batch: Batch, layout: Layout, { hooks, collection }: Following): Promise<void> {
  collection.add(batch);
  await hooks.onRows?.(rowsOf(batch, layout));
}

/** The share by which runs must have grown before their quantiles are looked at again. */
const GROWTH = 1.1;

function earlyStopOf(order: EnsembleOrder, collection: Collection): () => string | undefined {
  const { tolerance = 0, minimumRuns = 0 } = order.earlyStop ?? {};
  let next = minimumRuns;
  return () => {
    const { runsDone } = collection;
    if (tolerance === 0 || runsDone < next) return undefined;
    next = runsDone * GROWTH;
    const uncertainty = collection.uncertainty();
    if (uncertainty > tolerance) return undefined;
    const width = Number(uncertainty.toPrecision(2));
    return `after ${runsDone} runs all quantiles were known to ±${width} of their variable's largest value, within the tolerance of ${tolerance}`;
  };
}
