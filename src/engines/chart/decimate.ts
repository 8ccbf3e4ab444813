/** A point of a course: time and value. */
export type Point = readonly [number, number];

/** Below this many points there is no room to keep the extremes beside the shape. */
const ROOM_FOR_EXTREMES = 6;

/**
 * At most `limit` of the points, chosen so that the line keeps its look: the first, the last, the
 * lowest and the highest, and the most telling of the others by Largest-Triangle-Three-Buckets
 * (Sveinn Steinarsson, "Downsampling Time Series for Visual Representation", MSc thesis,
 * University of Iceland, 2013, section 4.2). The points must be in order of time.
 */
export function decimate(points: readonly Point[], limit: number): Point[] {
  if (points.length <= limit) return [...points];
  if (limit < ROOM_FOR_EXTREMES) return pick(points, telling(points, limit));
  const kept = new Set([...telling(points, limit - 2), ...extremes(points)]);
  return pick(
    points,
    [...kept].sort((left, right) => left - right),
  );
}

/** The indices of the points that Largest-Triangle-Three-Buckets keeps. */
function telling(points: readonly Point[], limit: number): number[] {
  if (limit < 1) return [];
  if (limit === 1) return [0];
  const lastIndex = points.length - 1;
  const kept = [0];
  const bucketSize = (lastIndex - 1) / (limit - 2);
  for (let bucket = 0; bucket < limit - 2; bucket += 1) {
    const start = Math.floor(bucket * bucketSize) + 1;
    const end = Math.floor((bucket + 1) * bucketSize) + 1;
    const nextEnd = Math.min(Math.floor((bucket + 2) * bucketSize) + 1, points.length);
    const after = centre(points, Math.min(end, lastIndex), nextEnd);
    const previous = points[kept.at(-1) ?? 0] ?? after;
    kept.push(mostTelling(points, { start, end, previous, after }));
  }
  kept.push(lastIndex);
  return kept;
}

function extremes(points: readonly Point[]): readonly [number, number] {
  let lowest = 0;
  let highest = 0;
  for (const [index, [, value]] of points.entries()) {
    if (value < (points[lowest]?.[1] ?? value)) lowest = index;
    if (value > (points[highest]?.[1] ?? value)) highest = index;
  }
  return [lowest, highest];
}

function pick(points: readonly Point[], indices: readonly number[]): Point[] {
  return indices.flatMap((index) => points.slice(index, index + 1));
}

/**
 * At most about `limit` of the indices 0 … `count - 1`, evenly spaced, with the first and the last;
 * for tables whose rows must stay whole.
 */
export function evenIndices(count: number, limit: number): number[] {
  if (count <= limit) return Array.from({ length: count }, (_, index) => index);
  if (limit <= 1) return limit === 1 ? [0] : [];
  const stride = (count - 1) / (limit - 1);
  return Array.from({ length: limit }, (_, index) => Math.round(index * stride));
}

function centre(points: readonly Point[], start: number, end: number): Point {
  let time = 0;
  let value = 0;
  const count = end - start;
  for (let index = start; index < end; index += 1) {
    time += (points[index]?.[0] ?? 0) / count;
    value += (points[index]?.[1] ?? 0) / count;
  }
  return [time, value];
}

function mostTelling(
  points: readonly Point[],
  bucket: {
    readonly start: number;
    readonly end: number;
    readonly previous: Point;
    readonly after: Point;
  },
): number {
  const { start, end, previous, after } = bucket;
  let best = start;
  let bestArea = -1;
  for (let index = start; index < end; index += 1) {
    const point = points[index] ?? previous;
    const area = Math.abs(
      (previous[0] - after[0]) * (point[1] - previous[1]) -
        (previous[0] - point[0]) * (after[1] - previous[1]),
    );
    if (area > bestArea) {
      bestArea = area;
      best = index;
    }
  }
  return best;
}
