import { wrongType } from "./reply.ts";
import type { SortedSet } from "./sorted-set.ts";
import type { StreamValue } from "./stream-value.ts";

/** What a key can hold. */
export type Value =
  | { readonly type: "string"; text: string }
  | { readonly type: "hash"; readonly fields: Map<string, string> }
  | { readonly type: "set"; readonly members: Set<string> }
  | { readonly type: "list"; items: string[] }
  | SortedSet
  | StreamValue;

/** A value of one type. */
export type ValueOf<Type extends Value["type"]> = Extract<Value, { readonly type: Type }>;

/** What WATCH sets up: becomes dirty when one of its keys changes. */
export interface Watch {
  readonly keys: Set<string>;
  dirty: boolean;
}

interface Slot {
  value: Value;
  /** Ascends in the order in which keys came to be: where a SCAN goes on. */
  readonly serial: number;
}

/**
 * The keys and their values.
 *
 * Invariants:
 * 1. `now` is set once per command, script or transaction and stands still within it.
 * 2. A key past its time is gone for every reader: `find` removes it at first sight, and
 *    `expireSome` removes those nobody looks at. `onExpired` hears of each; it is no change of the
 *    command that met it. While `loading`, no key is past its time.
 * 3. Whoever changes a value calls `touch` (watchers and blocked readers hear of it) or, for
 *    changes Redis does not announce, `markChanged`. So `changes` stands still in a pure read.
 */
export class Keyspace {
  /** Milliseconds since the epoch, for the command that runs. */
  now = 0;
  /** Grows with every change. */
  changes = 0;
  /** Set while a log is played, which says itself when a key ended. */
  loading = false;
  /** Hears of each key that was removed because its time had come. */
  onExpired: (key: string) => void = () => undefined;
  /** Keys touched since the blocked clients were last served. */
  readonly touched = new Set<string>();
  private readonly slots = new Map<string, Slot>();
  private readonly expiries = new Map<string, number>();
  private readonly watches = new Map<string, Set<Watch>>();
  private serial = 0;
  private sweep: Iterator<[string, number]> | undefined;

  /** The number of keys. */
  get size(): number {
    return this.slots.size;
  }

  /** The number of keys with a time to live. */
  get expiring(): number {
    return this.expiries.size;
  }

  /** The value of a key. */
  find(key: string): Value | undefined {
    const slot = this.slots.get(key);
    if (slot === undefined || this.isExpired(key)) {
      if (slot !== undefined) this.removeExpired(key);
      return undefined;
    }
    return slot.value;
  }

  /** The value of a key, which must be of this type when there is one. */
  typed<Type extends Value["type"]>(key: string, type: Type): ValueOf<Type> | undefined {
    const value = this.find(key);
    if (value === undefined) return undefined;
    if (!isOfType(value, type)) throw wrongType();
    return value;
  }

  /** The value of a key, made by `create` when there is none. */
  ensure<Type extends Value["type"]>(
    key: string,
    type: Type,
    create: () => ValueOf<Type>,
  ): ValueOf<Type> {
    const known = this.typed(key, type);
    if (known !== undefined) return known;
    const created = create();
    this.put(key, created);
    return created;
  }

  /** Sets a key, which forgets its time to live. */
  put(key: string, value: Value): void {
    this.expiries.delete(key);
    this.replace(key, value);
  }

  /** Sets a key and keeps its time to live. */
  replace(key: string, value: Value): void {
    const slot = this.slots.get(key);
    if (slot === undefined) {
      this.serial += 1;
      this.slots.set(key, { value, serial: this.serial });
    } else {
      slot.value = value;
    }
    this.touch(key);
  }

  /** Deletes a key; answers whether it was there. */
  remove(key: string): boolean {
    this.expiries.delete(key);
    if (!this.slots.delete(key)) return false;
    this.touch(key);
    return true;
  }

  /** Deletes everything. */
  clear(): void {
    for (const key of [...this.slots.keys()]) this.remove(key);
    this.sweep = undefined;
  }

  /** When a key ends. */
  expiryOf(key: string): number | undefined {
    return this.find(key) === undefined ? undefined : this.expiries.get(key);
  }

  /** Sets when an existing key ends, undefined for never. A time that is past deletes it. */
  expireAt(key: string, time: number | undefined): void {
    if (time === undefined) this.expiries.delete(key);
    else if (time <= this.now && !this.loading) this.remove(key);
    else this.expiries.set(key, time);
    this.touch(key);
  }

  /** Says that a key changed. */
  touch(key: string): void {
    this.changes += 1;
    this.announce(key);
  }

  private announce(key: string): void {
    this.touched.add(key);
    const watches = this.watches.get(key);
    if (watches !== undefined) for (const watch of watches) watch.dirty = true;
  }

  /** Says that something changed which neither WATCH nor a blocked reader is told. */
  markChanged(): void {
    this.changes += 1;
  }

  /** Adds a key to a watch. */
  watch(watch: Watch, key: string): void {
    this.find(key);
    watch.keys.add(key);
    const watches = this.watches.get(key) ?? new Set();
    this.watches.set(key, watches.add(watch));
  }

  /** Ends a watch; answers whether a key changed or expired meanwhile. */
  unwatch(watch: Watch): boolean {
    for (const key of watch.keys) {
      this.find(key);
      const watches = this.watches.get(key);
      watches?.delete(watch);
      if (watches?.size === 0) this.watches.delete(key);
    }
    watch.keys.clear();
    return watch.dirty;
  }

  /** The keys that are not past their time. */
  keys(): string[] {
    return [...this.slots.keys()].filter((key) => !this.isExpired(key));
  }

  /** Up to `limit` keys made after the one with serial `cursor`, and where to go on (0: the end). */
  scan(cursor: number, limit: number): { readonly keys: string[]; readonly cursor: number } {
    const keys: string[] = [];
    let last = 0;
    for (const [key, slot] of this.slots) {
      if (slot.serial <= cursor) continue;
      if (keys.length >= limit) return { keys, cursor: last };
      if (!this.isExpired(key)) keys.push(key);
      last = slot.serial;
    }
    return { keys, cursor: 0 };
  }

  /** Looks at up to `limit` keys with a time to live, in turn, and removes those past it. */
  expireSome(limit: number): void {
    for (let looked = 0; looked < limit; looked += 1) {
      this.sweep ??= this.expiries.entries();
      const next = this.sweep.next();
      if (next.done === true) {
        this.sweep = undefined;
        return;
      }
      if (next.value[1] <= this.now) this.removeExpired(next.value[0]);
    }
  }

  private removeExpired(key: string): void {
    this.expiries.delete(key);
    this.slots.delete(key);
    this.announce(key);
    this.onExpired(key);
  }

  private isExpired(key: string): boolean {
    const expiry = this.expiries.get(key);
    return expiry !== undefined && expiry <= this.now && !this.loading;
  }
}

function isOfType<Type extends Value["type"]>(value: Value, type: Type): value is ValueOf<Type> {
  return value.type === type;
}
