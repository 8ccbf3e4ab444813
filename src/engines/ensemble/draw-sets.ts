/**
 * Draws the parameters of all runs before the first of them begins.
 *
 * D1 The sets depend on the order alone: parameter by parameter in the order they were given, each
 *    from a stream of its own.
 */
import type { Random } from "../../base/random.ts";
import type { Result } from "../../base/result.ts";
import { err, ok } from "../../base/result.ts";
import type { EnsembleOrder } from "../../protocol/ensemble-data.ts";
import { MAX_RUNS } from "../../protocol/ensemble-data.ts";
import { gridValues, textOfDistribution, valueAtShare } from "./distribution.ts";
import type { Distributions } from "./read-distributions.ts";
import { streamOf } from "./streams.ts";

/** The values of what varies, for all runs. */
export interface ParameterSets {
  readonly names: readonly string[];
  readonly runs: number;
  /** Run after run, each with a value for each name. */
  readonly values: Float64Array;
}

/** Runs when the order does not say. */
const DEFAULT_RUNS = 100;

/** The parameters of all runs; the error is a sentence. */
export function drawSets(
  order: Pick<EnsembleOrder, "runs" | "seed" | "sampling">,
  distributions: Distributions,
): Result<ParameterSets, string> {
  const names = [...distributions.keys()];
  if (order.sampling === "grid") return gridOf(distributions, order.runs ?? MAX_RUNS);
  const runs = order.runs ?? DEFAULT_RUNS;
  const values = new Float64Array(runs * names.length);
  for (const [index, distribution] of [...distributions.values()].entries()) {
    const random = streamOf(order.seed, "drawn-values", index); // D1
    const strata =
      order.sampling === "latin-hypercube"
        ? shuffled(runs, streamOf(order.seed, "order-of-strata", index))
        : undefined;
    for (let run = 0; run < runs; run += 1) {
      const within = between(random.next());
      const share = strata === undefined ? within : between(((strata[run] ?? 0) + within) / runs);
      values[run * names.length + index] = valueAtShare(distribution, share);
    }
  }
  return ok({ names, runs, values });
}

/** Neither 0 nor 1, where some distributions have no value. */
function between(share: number): number {
  return Math.min(Math.max(share, 2 ** -54), 1 - 2 ** -53);
}

/** The numbers from 0 to below `count` in an order by chance: Fisher and Yates. */
function shuffled(count: number, random: Random): Int32Array {
  const order = Int32Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last -= 1) {
    const other = Math.floor(random.next() * (last + 1));
    const kept = order[last] ?? 0;
    order[last] = order[other] ?? 0;
    order[other] = kept;
  }
  return order;
}

/** Every combination; the last parameter changes fastest. */
function gridOf(distributions: Distributions, most: number): Result<ParameterSets, string> {
  const axes: (readonly number[])[] = [];
  for (const [name, distribution] of distributions) {
    const axis = gridValues(distribution);
    if (axis === undefined) {
      return err(
        `A grid needs single values, and \`${name}\` is ${textOfDistribution(distribution)}; ` +
          "write values(1, 2, 3), or uniform(minimum, maximum, points).",
      );
    }
    axes.push(axis);
  }
  const runs = axes.reduce((product, axis) => product * axis.length, 1);
  if (runs > most) return err(`The grid has ${runs} combinations; ${most} runs are the most.`);
  const values = new Float64Array(runs * axes.length);
  let repeat = runs;
  for (const [index, axis] of axes.entries()) {
    repeat /= axis.length;
    for (let run = 0; run < runs; run += 1) {
      values[run * axes.length + index] =
        axis[Math.floor(run / repeat) % axis.length] ?? Number.NaN;
    }
  }
  return ok({ names: [...distributions.keys()], runs, values });
}
