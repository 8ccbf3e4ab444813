/** What can be drawn, and how a share between 0 and 1 becomes a value. */
import type { Distribution } from "../../protocol/ensemble-data.ts";
import { normalQuantile } from "./normal-quantile.ts";

/** What is wrong with a distribution, as the end of a sentence; undefined when nothing is. */
export function problemOfDistribution(distribution: Distribution): string | undefined {
  switch (distribution.distribution) {
    case "uniform":
      return distribution.minimum < distribution.maximum
        ? undefined
        : "needs a minimum below its maximum";
    case "normal":
      return distribution.deviation > 0 ? undefined : "needs a deviation above 0";
    case "lognormal":
      return distribution.deviation > 0 && distribution.mean > 0
        ? undefined
        : "needs a mean and a deviation above 0";
    case "triangular": {
      const { minimum, mode, maximum } = distribution;
      return minimum < maximum && minimum <= mode && mode <= maximum
        ? undefined
        : "needs a minimum, a mode and a maximum in this order";
    }
    case "choice":
      return problemOfWeights(distribution);
    case "values":
      return undefined;
  }
}

function problemOfWeights({
  values,
  weights,
}: Extract<Distribution, { distribution: "choice" }>): string | undefined {
  if (weights === undefined) return undefined;
  if (weights.length !== values.length) return "needs a weight for each of its values, or none";
  return sumOf(weights) > 0 ? undefined : "needs a weight above 0";
}

/** The value below which a drawn one lies with probability `share`, 0 < share < 1. */
export function valueAtShare(distribution: Distribution, share: number): number {
  switch (distribution.distribution) {
    case "uniform":
      return distribution.minimum + (distribution.maximum - distribution.minimum) * share;
    case "normal":
      return distribution.mean + distribution.deviation * normalQuantile(share);
    case "lognormal": {
      const variance = Math.log(1 + (distribution.deviation / distribution.mean) ** 2);
      const centre = Math.log(distribution.mean) - variance / 2;
      return Math.exp(centre + Math.sqrt(variance) * normalQuantile(share));
    }
    case "triangular":
      return triangularAt(distribution, share);
    case "choice":
      return choiceAt(distribution.values, distribution.weights, share);
    case "values":
      return choiceAt(distribution.values, undefined, share);
  }
}

function triangularAt(
  { minimum, mode, maximum }: Extract<Distribution, { distribution: "triangular" }>,
  share: number,
): number {
  const width = maximum - minimum;
  return share < (mode - minimum) / width
    ? minimum + Math.sqrt(share * width * (mode - minimum))
    : maximum - Math.sqrt((1 - share) * width * (maximum - mode));
}

function choiceAt(
  values: readonly number[],
  weights: readonly number[] | undefined,
  share: number,
): number {
  if (weights === undefined) return values[Math.floor(share * values.length)] ?? Number.NaN;
  let left = share * sumOf(weights);
  // Rounding must not choose a value that is never to be drawn.
  let chosen = weights.findLastIndex((weight) => weight > 0);
  for (const [index, weight] of weights.entries()) {
    if (left < weight) {
      chosen = index;
      break;
    }
    left -= weight;
  }
  return values[chosen] ?? Number.NaN;
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** The values a parameter takes in a grid; undefined when there is no end of them. */
export function gridValues(distribution: Distribution): readonly number[] | undefined {
  if (distribution.distribution === "values" || distribution.distribution === "choice") {
    return distribution.values;
  }
  if (distribution.distribution !== "uniform" || distribution.points === undefined) {
    return undefined;
  }
  const { minimum, maximum, points } = distribution;
  return Array.from({ length: points }, (_, index) =>
    index === points - 1 ? maximum : minimum + ((maximum - minimum) * index) / (points - 1),
  );
}

/** A distribution as it is typed: `uniform(0.2, 0.4)`. */
export function textOfDistribution(distribution: Distribution): string {
  const { distribution: name, ...rest } = distribution;
  if ("weights" in rest && rest.weights !== undefined) {
    const { weights } = rest;
    return `${name}(${rest.values.map((value, index) => `${value}:${weights[index]}`).join(", ")})`;
  }
  return `${name}(${Object.values(rest).flat().join(", ")})`;
}
