/** How a graphical function continues outside and between its points. */
export type GraphKind = "continuous" | "extrapolate" | "discrete";

/** A function given by points; `xs` never falls, and both lists have one length of at least 1. */
export interface GraphicalFunction {
  readonly kind: GraphKind;
  readonly xs: Float64Array;
  readonly ys: Float64Array;
}

/**
 * The value of a graphical function at `x`. Outside the points a `continuous` or `discrete` one
 * holds its end value and an `extrapolate` one continues its end segment; a `discrete` one holds
 * the value of the point to its left. Source: XMILE 1.0, section 3.1.4.
 */
export function valueAt(graph: GraphicalFunction, x: number): number {
  const { kind, xs, ys } = graph;
  const last = xs.length - 1;
  if (Number.isNaN(x)) return x;
  const outside = x < at(xs, 0) || x >= at(xs, last);
  if (last === 0 || (outside && kind !== "extrapolate")) {
    return x < at(xs, 0) ? at(ys, 0) : at(ys, last);
  }
  const left = Math.min(segmentOf(xs, x), last - 1);
  if (kind === "discrete") return at(ys, left);
  const width = at(xs, left + 1) - at(xs, left);
  if (width === 0) return at(ys, left + 1);
  return at(ys, left) + ((x - at(xs, left)) * (at(ys, left + 1) - at(ys, left))) / width;
}

/** The index of the last point not right of `x`, or 0; by bisection. */
function segmentOf(xs: Float64Array, x: number): number {
  let low = 0;
  let high = xs.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (at(xs, middle) <= x) low = middle;
    else high = middle;
  }
  return low;
}

function at(values: Float64Array, index: number): number {
  return values[index] ?? Number.NaN;
}
