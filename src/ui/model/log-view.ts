/**
 * A reader's place in a ring that keeps growing. Places are counted from the first item ever
 * pushed, so that they stay put while older items leave the ring.
 */
import type { Ring } from "../../console/ring.ts";

/** Where the reader is. `null` follows the newest. */
export interface LogView {
  readonly cursor: number | null;
  /** The last row shown while paused. */
  readonly bottom: number | null;
  readonly filter: string;
}

/** A ring seen through a filter. */
export interface LogSource<Item> {
  readonly ring: Ring<Item>;
  /** Why the filter cannot be used; absent when it can. */
  readonly problem?: string | null;
  matches(item: Item): boolean;
}

/** An item and its place. */
export interface Placed<Item> {
  readonly place: number;
  readonly item: Item;
}

/** At the newest item, without a filter. */
export const FOLLOWING: LogView = { cursor: null, bottom: null, filter: "" };

/** The items to show in `rows` rows, oldest first. */
export function visibleItems<Item>(
  source: LogSource<Item>,
  view: LogView,
  rows: number,
): readonly Placed<Item>[] {
  const from = view.bottom ?? source.ring.version - 1;
  return collect(source, { from, step: -1, count: rows }).toReversed();
}

/** Moves the cursor by `delta` matching items; the window follows it. */
export function moveLog<Item>(
  source: LogSource<Item>,
  view: LogView,
  { delta, page }: { readonly delta: number; readonly page: number },
): LogView {
  const shown = visibleItems(source, view, page);
  const bottom = shown[shown.length - 1]?.place;
  if (bottom === undefined) return view;
  const start = view.cursor ?? bottom;
  const way = collect(source, {
    from: start + Math.sign(delta),
    step: delta < 0 ? -1 : 1,
    count: Math.abs(delta),
  });
  const cursor = way[way.length - 1]?.place ?? start;
  if (cursor > bottom) return { ...view, cursor, bottom: cursor };
  if (cursor >= (shown[0]?.place ?? cursor)) return { ...view, cursor, bottom };
  const below = collect(source, { from: cursor, step: 1, count: page });
  return { ...view, cursor, bottom: below[below.length - 1]?.place ?? cursor };
}

/** How many items came after the last one shown; 0 while following. */
export function unseen<Item>(source: LogSource<Item>, view: LogView): number {
  return view.bottom === null ? 0 : Math.max(0, source.ring.version - 1 - view.bottom);
}

/** The item under the cursor: the newest while following. */
export function currentItem<Item>(source: LogSource<Item>, view: LogView): Item | undefined {
  const from = view.cursor ?? source.ring.version - 1;
  return collect(source, { from, step: -1, count: 1 })[0]?.item;
}

function collect<Item>(
  { ring, matches }: LogSource<Item>,
  way: { readonly from: number; readonly step: 1 | -1; readonly count: number },
): Placed<Item>[] {
  const oldest = ring.version - ring.length;
  const found: Placed<Item>[] = [];
  let place = way.step === 1 ? Math.max(way.from, oldest) : Math.min(way.from, ring.version - 1);
  while (found.length < way.count && place >= oldest && place < ring.version) {
    const item = ring.at(place - oldest);
    if (item !== undefined && matches(item)) found.push({ place, item });
    place += way.step;
  }
  return found;
}
