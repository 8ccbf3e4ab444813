/** Quantiles and rank correlations. */

/** The quantile of values in rising order, between neighbours in proportion (Hyndman's type 7). */
export function quantileOf(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below] ?? Number.NaN;
  const high = sorted[below + 1] ?? low;
  return low + (high - low) * (place - below);
}

/** The mean, without the rounding of a long plain sum (Neumaier's summation). */
export function meanOf(values: Float64Array): number {
  let sum = 0;
  let lost = 0;
  for (const value of values) {
    const next = sum + value;
    lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    sum = next;
  }
  return (sum + lost) / values.length;
}

/** The ranks of values, from 1; equal values share the mean of their ranks. */
export function ranksOf(values: Float64Array): Float64Array {
  const order = Array.from(values.keys()).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const ranks = new Float64Array(values.length);
  for (let first = 0; first < order.length; ) {
    let next = first + 1;
    while (next < order.length && values[order[next] ?? 0] === values[order[first] ?? 0]) next += 1;
    for (let place = first; place < next; place += 1) {
      ranks[order[place] ?? 0] = (first + 1 + next) / 2;
    }
    first = next;
  }
  return ranks;
}

/** Pearson's correlation; NaN where one side does not vary. Of ranks it is Spearman's. */
export function correlationOf(left: Float64Array, right: Float64Array): number {
  const [leftMean, rightMean] = [meanOf(left), meanOf(right)];
  let [both, ofLeft, ofRight] = [0, 0, 0];
  left.forEach((value, index) => {
    const a = value - leftMean;
    const b = (right[index] ?? Number.NaN) - rightMean;
    both += a * b;
    ofLeft += a * a;
    ofRight += b * b;
  });
  return Math.max(-1, Math.min(1, both / Math.sqrt(ofLeft * ofRight)));
}

/** Standard deviations on either side of the mean that hold 95 % of a normal distribution. */
const SIDE_OF_95 = 1.959963984540054;

/**
 * Half of the width of the 95 % interval of a quantile, from the values' ranks alone, whatever
 * their distribution. Source: W. J. Conover, "Practical Nonparametric Statistics", section 3.2.
 */
export function quantileHalfWidth(sorted: Float64Array, share: number): number {
  const count = sorted.length;
  const reach = SIDE_OF_95 * Math.sqrt(count * share * (1 - share));
  const low = Math.floor(count * share - reach);
  const high = Math.ceil(count * share + reach);
  // Too few values to know: the interval has no end within them.
  if (low < 1 || high > count) return Number.POSITIVE_INFINITY;
  return ((sorted[high - 1] ?? Number.NaN) - (sorted[low - 1] ?? Number.NaN)) / 2;
}
