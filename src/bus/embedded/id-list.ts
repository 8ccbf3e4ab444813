import { compareIds, type StreamId } from "./stream-id.ts";

/**
 * Things with a stream id, in the order of their ids: entries of a stream and pending deliveries.
 *
 * Invariants:
 * 1. Ids are strictly ascending.
 * 2. The live items are `items[head…]`; taking the oldest away moves the head, and the dead part
 *    is dropped before it outgrows the live one. So a queue works in amortised constant time.
 */
export class IdList<Item extends { readonly id: StreamId }> {
  private items: Item[] = [];
  private head = 0;

  /** How many items there are. */
  get length(): number {
    return this.items.length - this.head;
  }

  /** The item at a position counted from the oldest. */
  at(position: number): Item | undefined {
    return position < 0 ? undefined : this.items[this.head + position];
  }

  /** The oldest item. */
  first(): Item | undefined {
    return this.at(0);
  }

  /** The newest item. */
  last(): Item | undefined {
    return this.at(this.length - 1);
  }

  /** The position of the first item whose id is not below `id`: `length` when there is none. */
  lowerBound(id: StreamId): number {
    let low = this.head;
    let high = this.items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const item = this.items[middle];
      if (item !== undefined && compareIds(item.id, id) < 0) low = middle + 1;
      else high = middle;
    }
    return low - this.head;
  }

  /** The item with exactly this id. */
  find(id: StreamId): Item | undefined {
    const item = this.at(this.lowerBound(id));
    return item !== undefined && compareIds(item.id, id) === 0 ? item : undefined;
  }

  /** Puts an item in its place; the id must not be there yet. */
  insert(item: Item): void {
    const newest = this.last();
    if (newest === undefined || compareIds(newest.id, item.id) < 0) this.items.push(item);
    else this.items.splice(this.head + this.lowerBound(item.id), 0, item);
  }

  /** Takes the item with this id away and answers it. */
  remove(id: StreamId): Item | undefined {
    const position = this.lowerBound(id);
    const item = this.at(position);
    if (item === undefined || compareIds(item.id, id) !== 0) return undefined;
    if (position === 0) this.dropFirst(1);
    else this.items.splice(this.head + position, 1);
    return item;
  }

  /** Takes the `count` oldest items away. */
  dropFirst(count: number): void {
    this.head += count;
    if (this.head >= 64 && this.head * 2 >= this.items.length) {
      this.items = this.items.slice(this.head);
      this.head = 0;
    }
  }

  /** The items from the first id to the last, both included, at most `limit`. */
  range(start: StreamId, end: StreamId, limit = Number.POSITIVE_INFINITY): Item[] {
    const from = this.head + this.lowerBound(start);
    const found: Item[] = [];
    for (let index = from; index < this.items.length && found.length < limit; index += 1) {
      const item = this.items[index];
      if (item === undefined || compareIds(item.id, end) > 0) break;
      found.push(item);
    }
    return found;
  }

  /** The same from the newest to the oldest. */
  rangeBackwards(start: StreamId, end: StreamId, limit = Number.POSITIVE_INFINITY): Item[] {
    const found: Item[] = [];
    let index = this.head + this.lowerBound(end);
    const atEnd = this.items[index];
    if (atEnd === undefined || compareIds(atEnd.id, end) > 0) index -= 1;
    for (; index >= this.head && found.length < limit; index -= 1) {
      const item = this.items[index];
      if (item === undefined || compareIds(item.id, start) < 0) break;
      found.push(item);
    }
    return found;
  }
}
