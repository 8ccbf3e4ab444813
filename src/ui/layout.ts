/** From the size of the terminal to rectangles; pure, whole numbers only. */
import type { PaneId } from "./model/pane-ids.ts";

/** A rectangle in cells; `x` and `y` count from 0. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The size of a terminal. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Below this the console asks for a larger terminal. */
export const SMALLEST: Size = { columns: 60, rows: 15 };

/** Where everything goes. */
export type Layout =
  | { readonly kind: "too-small" }
  | {
      readonly kind: "screen";
      readonly header: Rect;
      readonly tabs: Rect;
      readonly footer: Rect;
      readonly panes: ReadonlyMap<PaneId, Rect>;
    };

/** What the layout depends on besides the size. */
export interface LayoutWish {
  readonly focus: PaneId;
  readonly zoomed: boolean;
  /** The pane shown in the place that several panes share. */
  readonly lower: PaneId;
  /** Rows the flow's graph takes with its title. */
  readonly flowRows: number;
}

const HEADER_ROWS = 2;

/** Lays out the screen. */
export function layoutOf(size: Size, wish: LayoutWish): Layout {
  if (size.columns < SMALLEST.columns || size.rows < SMALLEST.rows) return { kind: "too-small" };
  const { columns, rows } = size;
  const body: Rect = {
    x: 0,
    y: HEADER_ROWS + 1,
    width: columns,
    height: rows - HEADER_ROWS - 2,
  };
  return {
    kind: "screen",
    header: { x: 0, y: 0, width: columns, height: HEADER_ROWS },
    tabs: { x: 0, y: HEADER_ROWS, width: columns, height: 1 },
    footer: { x: 0, y: rows - 1, width: columns, height: 1 },
    panes: new Map(panesOf(body, wish)),
  };
}

type Placed = readonly [PaneId, Rect];

function panesOf(body: Rect, wish: LayoutWish): readonly Placed[] {
  if (wish.zoomed) return [[wish.focus, body]];
  if (body.width >= 160 && body.height >= 40) return spacious(body, wish);
  if (body.width >= 110 && body.height >= 30) return split(body, wish);
  return single(body, wish);
}

/** One pane at a time; the graph and its details belong together. */
function single(body: Rect, wish: LayoutWish): readonly Placed[] {
  if (wish.focus !== "flow" && wish.focus !== "detail") return [[wish.focus, body]];
  const top = Math.min(wish.flowRows, body.height - 6);
  return [
    ["flow", { ...body, height: top }],
    ["detail", { ...body, y: body.y + top, height: body.height - top }],
  ];
}

/** Two by two; the runs fill the room under a small graph. */
function split(body: Rect, wish: LayoutWish): readonly Placed[] {
  return twoByTwo(body, wish, [1, 1]);
}

function twoByTwo(
  body: Rect,
  wish: LayoutWish,
  weights: readonly [number, number],
): readonly Placed[] {
  const top = Math.max(Math.ceil(body.height * 0.6), Math.min(wish.flowRows, body.height - 10));
  const upper = { ...body, height: top };
  const lower = { ...body, y: body.y + top, height: body.height - top };
  const [flow, detail] = columnsOf(upper, weights);
  const [left, right] = columnsOf(lower, weights);
  const [graph, runs] = rowsOf(flow, Math.max(wish.flowRows, top - 10));
  const runsElsewhere = runs === undefined || wish.lower !== "runs";
  return place([
    ["flow", graph],
    ["runs", runs],
    ["detail", detail],
    [runsElsewhere ? wish.lower : "events", left],
    ["agents", right],
  ]);
}

/** Everything that matters at once. */
function spacious(body: Rect, wish: LayoutWish): readonly Placed[] {
  if (body.width < 200) return twoByTwo(body, wish, [76, 84]);
  const top = Math.ceil(body.height * 0.6);
  const upper = { ...body, height: top };
  const lower = { ...body, y: body.y + top, height: body.height - top };
  const [runs, flow, detail] = columnsOf(upper, [34, 80, 86]);
  const [events, agents, topics] = columnsOf(lower, [66, 70, 64]);
  const shared: PaneId = wish.lower === "sessions" ? "sessions" : "events";
  return place([
    ["runs", runs],
    ["flow", flow],
    ["detail", detail],
    [shared, events],
    ["agents", agents],
    ["topics", topics],
  ]);
}

function place(panes: readonly (readonly [PaneId, Rect | undefined])[]): readonly Placed[] {
  return panes.flatMap(([pane, rect]) =>
    rect === undefined ? [] : [[pane, rect] satisfies Placed],
  );
}

/** Splits a rectangle into columns by weight, one blank column between them. */
function columnsOf(rect: Rect, weights: readonly number[]): readonly Rect[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const room = rect.width - (weights.length - 1);
  let { x } = rect;
  return weights.map((weight, index) => {
    const last = index === weights.length - 1;
    const width = last ? rect.x + rect.width - x : Math.floor((room * weight) / total);
    const column = { ...rect, x, width };
    x += width + 1;
    return column;
  });
}

function rowsOf(rect: Rect | undefined, top: number): readonly (Rect | undefined)[] {
  if (rect === undefined || rect.height - top < 4) return [rect, undefined];
  return [
    { ...rect, height: top },
    { ...rect, y: rect.y + top, height: rect.height - top },
  ];
}
