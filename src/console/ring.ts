/**
 * A bounded list of the newest items, kept outside React: writers push without rendering, readers
 * look at the visible window only. `version` grows with every push, so a reader knows when to look.
 */
export class Ring<Item> {
  readonly #items: (Item | undefined)[];
  #pushed = 0;

  constructor(capacity: number) {
    this.#items = new Array<Item | undefined>(capacity);
  }

  /** Adds an item; the oldest makes room when the ring is full. */
  push(item: Item): void {
    this.#items[this.#pushed % this.#items.length] = item;
    this.#pushed += 1;
  }

  /** How many items were ever pushed. */
  get version(): number {
    return this.#pushed;
  }

  /** How many items are held. */
  get length(): number {
    return Math.min(this.#pushed, this.#items.length);
  }

  /** The item at `index`, 0 being the oldest that is held. */
  at(index: number): Item | undefined {
    if (index < 0 || index >= this.length) return undefined;
    return this.#items[(this.#pushed - this.length + index) % this.#items.length];
  }

  /** The items from `start` (0 the oldest held) to before `end`, oldest first. */
  slice(start: number, end: number): readonly Item[] {
    const items: Item[] = [];
    for (let index = Math.max(0, start); index < Math.min(end, this.length); index += 1) {
      const item = this.at(index);
      if (item !== undefined) items.push(item);
    }
    return items;
  }
}
