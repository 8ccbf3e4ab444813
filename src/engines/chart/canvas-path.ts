import type { Dot } from "./braille-grid.ts";

/** An affine transformation as canvas has it: `x' = a·x + c·y + e`, `y' = b·x + d·y + f`. */
export interface Matrix {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly e: number;
  readonly f: number;
}

/** Curves are drawn as this many straight pieces: finer than a dot for a terminal's sizes. */
const CURVE_PIECES = 12;
const PIECES_PER_TURN = 24;

/** The transformation that changes nothing. */
export const IDENTITY: Matrix = { a: 1, b: 0, c: 0, d: 1, e: 0, f: 0 };

/** First `inner`, then `outer`. */
export function combine(outer: Matrix, inner: Matrix): Matrix {
  return {
    a: outer.a * inner.a + outer.c * inner.b,
    b: outer.b * inner.a + outer.d * inner.b,
    c: outer.a * inner.c + outer.c * inner.d,
    d: outer.b * inner.c + outer.d * inner.d,
    e: outer.a * inner.e + outer.c * inner.f + outer.e,
    f: outer.b * inner.e + outer.d * inner.f + outer.f,
  };
}

/** Where a point comes to lie. */
export function transformed({ a, b, c, d, e, f }: Matrix, { x, y }: Dot): Dot {
  return { x: a * x + c * y + e, y: b * x + d * y + f };
}

/** A circle's arc, as canvas describes it. */
export interface Arc {
  readonly centre: Dot;
  readonly radius: number;
  readonly start: number;
  readonly end: number;
  readonly backwards: boolean;
}

/** Points along an arc, both ends included. */
export function arcPoints({ centre, radius, start, end, backwards }: Arc): Dot[] {
  const turn = 2 * Math.PI;
  const direction = backwards ? -1 : 1;
  const wanted = (end - start) * direction;
  const sweep = wanted >= turn ? turn : ((wanted % turn) + turn) % turn;
  const pieces = Math.max(1, Math.ceil((sweep / turn) * PIECES_PER_TURN));
  return Array.from({ length: pieces + 1 }, (_, piece) => {
    const angle = start + (direction * sweep * piece) / pieces;
    return { x: centre.x + radius * Math.cos(angle), y: centre.y + radius * Math.sin(angle) };
  });
}

/** Points along a cubic Bézier curve, without its start. */
export function curvePoints(start: Dot, first: Dot, second: Dot, end: Dot): Dot[] {
  return Array.from({ length: CURVE_PIECES }, (_, piece) => {
    const t = (piece + 1) / CURVE_PIECES;
    const s = 1 - t;
    const [w0, w1, w2, w3] = [s ** 3, 3 * s * s * t, 3 * s * t * t, t ** 3];
    return {
      x: w0 * start.x + w1 * first.x + w2 * second.x + w3 * end.x,
      y: w0 * start.y + w1 * first.y + w2 * second.y + w3 * end.y,
    };
  });
}
