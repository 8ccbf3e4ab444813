/**
 * The part of a canvas' 2D context that Vega draws with, kept as a list of shapes in pixels.
 *
 * K1 Shapes are stored transformed and clipped, in drawing order, and never as pixels: the same
 *    list fits any box.
 * K2 What a terminal cannot show (dashes, line widths, gradients, pictures) is left out silently.
 */
import type { Dot } from "./braille-grid.ts";
import type { Matrix } from "./canvas-path.ts";
import { arcPoints, combine, curvePoints, IDENTITY, transformed } from "./canvas-path.ts";

/** An upright rectangle in pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Something drawn. */
export type Shape =
  | {
      readonly type: "stroke" | "fill";
      readonly paths: readonly (readonly Dot[])[];
      readonly ink: Ink;
    }
  | {
      readonly type: "text";
      readonly text: string;
      readonly at: Dot;
      readonly align: string;
      readonly upright: boolean;
      readonly ink: Ink;
    };

/** What a shape is drawn with, and where it may be seen. */
export interface Ink {
  readonly colour: string;
  readonly opacity: number;
  readonly clip?: Box;
}

interface State {
  readonly matrix: Matrix;
  readonly clip?: Box | undefined;
}

/** A canvas context that collects shapes. Vega sets the public fields as it likes. */
export class TerminalCanvas {
  fillStyle: unknown = "#000000";
  strokeStyle: unknown = "#000000";
  globalAlpha = 1;
  lineWidth = 1;
  lineCap = "butt";
  lineJoin = "miter";
  lineDashOffset = 0;
  miterLimit = 10;
  font = "10px sans-serif";
  textAlign = "left";
  textBaseline = "alphabetic";
  globalCompositeOperation = "source-over";
  readonly pixelRatio = 1;
  readonly shapes: Shape[] = [];
  /** The picture's size, known once its background was drawn. */
  size: Dot = { x: 0, y: 0 };
  private state: State = { matrix: IDENTITY };
  private readonly saved: State[] = [];
  private paths: Dot[][] = [];
  private pen: Dot = { x: 0, y: 0 };

  save(): void {
    this.saved.push(this.state);
  }

  restore(): void {
    this.state = this.saved.pop() ?? this.state;
  }

  setTransform(a: number, b: number, c: number, d: number, e: number, f: number): void {
    this.state = { ...this.state, matrix: { a, b, c, d, e, f } };
  }

  transform(a: number, b: number, c: number, d: number, e: number, f: number): void {
    this.state = { ...this.state, matrix: combine(this.state.matrix, { a, b, c, d, e, f }) };
  }

  translate(x: number, y: number): void {
    this.transform(1, 0, 0, 1, x, y);
  }

  scale(x: number, y: number): void {
    this.transform(x, 0, 0, y, 0, 0);
  }

  rotate(angle: number): void {
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    this.transform(cos, sin, -sin, cos, 0, 0);
  }

  beginPath(): void {
    this.paths = [];
  }

  moveTo(x: number, y: number): void {
    this.paths.push([]);
    this.extend([{ x, y }]);
  }

  lineTo(x: number, y: number): void {
    this.extend([{ x, y }]);
  }

  bezierCurveTo(x1: number, y1: number, x2: number, y2: number, x: number, y: number): void {
    this.extend(curvePoints(this.pen, { x: x1, y: y1 }, { x: x2, y: y2 }, { x, y }));
  }

  quadraticCurveTo(x1: number, y1: number, x: number, y: number): void {
    const { pen } = this;
    const towards = (end: Dot): Dot => ({
      x: end.x + (2 / 3) * (x1 - end.x),
      y: end.y + (2 / 3) * (y1 - end.y),
    });
    this.extend(curvePoints(pen, towards(pen), towards({ x, y }), { x, y }));
  }

  arc(x: number, y: number, radius: number, start: number, end: number, backwards = false): void {
    this.extend(arcPoints({ centre: { x, y }, radius, start, end, backwards }));
  }

  rect(x: number, y: number, width: number, height: number): void {
    this.moveTo(x, y);
    const [right, bottom] = [x + width, y + height];
    this.extend([
      { x: right, y },
      { x: right, y: bottom },
      { x, y: bottom },
      { x, y },
    ]);
  }

  closePath(): void {
    const path = this.paths.at(-1);
    const first = path?.[0];
    if (first !== undefined) path?.push(first);
  }

  clip(): void {
    const corners = this.paths.flat();
    const box = boxAround(corners);
    this.state = { ...this.state, clip: overlap(this.state.clip, box) };
  }

  stroke(): void {
    this.shapes.push({ type: "stroke", paths: this.paths, ink: this.ink(this.strokeStyle) });
  }

  fill(): void {
    this.shapes.push({ type: "fill", paths: this.paths, ink: this.ink(this.fillStyle) });
  }

  /** Vega fills a rectangle only for the background, over the whole picture. */
  fillRect(_x: number, _y: number, width: number, height: number): void {
    this.size = { x: width, y: height };
  }

  fillText(text: unknown, x: number, y: number): void {
    const { matrix } = this.state;
    this.shapes.push({
      type: "text",
      text: String(text),
      at: transformed(matrix, { x, y }),
      align: this.textAlign,
      upright: Math.abs(matrix.b) > Math.abs(matrix.a),
      ink: this.ink(this.fillStyle),
    });
  }

  /** Outlines of letters are drawn by Vega below their filling, as a halo: nothing to see here. */
  strokeText(): void {}
  /** K2 */
  setLineDash(): void {}
  /** K2 */
  drawImage(): void {}

  measureText(text: string): { readonly width: number } {
    return { width: text.length * 8 };
  }

  isPointInPath(): boolean {
    return false;
  }

  isPointInStroke(): boolean {
    return false;
  }

  createLinearGradient(): { addColorStop(): void } {
    return { addColorStop: () => undefined };
  }

  createRadialGradient(): { addColorStop(): void } {
    return this.createLinearGradient();
  }

  private extend(points: readonly Dot[]): void {
    let path = this.paths.at(-1);
    if (path === undefined) {
      path = [];
      this.paths.push(path);
    }
    for (const point of points) path.push(transformed(this.state.matrix, point));
    this.pen = points.at(-1) ?? this.pen;
  }

  private ink(style: unknown): Ink {
    const { clip } = this.state;
    const colour = typeof style === "string" ? style : "#888888";
    return { colour, opacity: this.globalAlpha, ...(clip === undefined ? {} : { clip }) };
  }
}

function boxAround(points: readonly Dot[]): Box {
  return {
    left: Math.min(...points.map((point) => point.x)),
    top: Math.min(...points.map((point) => point.y)),
    right: Math.max(...points.map((point) => point.x)),
    bottom: Math.max(...points.map((point) => point.y)),
  };
}

function overlap(outer: Box | undefined, inner: Box): Box {
  if (outer === undefined) return inner;
  return {
    left: Math.max(outer.left, inner.left),
    top: Math.max(outer.top, inner.top),
    right: Math.min(outer.right, inner.right),
    bottom: Math.min(outer.bottom, inner.bottom),
  };
}
