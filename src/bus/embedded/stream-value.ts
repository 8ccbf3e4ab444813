import { IdList } from "./id-list.ts";
import { compareIds, FIRST_ID, type StreamId } from "./stream-id.ts";

/** One message: its fields and values in turn. */
export interface StreamEntry {
  readonly id: StreamId;
  readonly fields: readonly string[];
}

/** A delivery that was not acknowledged yet. */
export interface PendingEntry {
  readonly id: StreamId;
  consumer: Consumer;
  deliveredAt: number;
  deliveries: number;
}

/** A member of a group. */
export interface Consumer {
  readonly name: string;
  seenAt: number;
  readonly pending: IdList<PendingEntry>;
}

/** A consumer group. */
export interface Group {
  readonly name: string;
  lastId: StreamId;
  /** How many entries were ever read, undefined when that cannot be known. */
  entriesRead: number | undefined;
  readonly pending: IdList<PendingEntry>;
  readonly consumers: Map<string, Consumer>;
}

/**
 * A stream.
 *
 * Invariants:
 * 1. `lastId` never falls and is not below any entry; `entriesAdded` is not below their number.
 * 2. A pending entry is in the list of its group and of exactly one consumer, `pending.consumer`.
 *    Only `deliver`, `assign` and `forget` change these lists.
 * 3. An entry may be gone while it is still pending: deleting never acknowledges.
 */
export class StreamValue {
  readonly type = "stream";
  readonly entries = new IdList<StreamEntry>();
  readonly groups = new Map<string, Group>();
  lastId: StreamId = FIRST_ID;
  maxDeletedId: StreamId = FIRST_ID;
  entriesAdded = 0;

  /** Appends an entry, whose id must be above `lastId`. */
  append(entry: StreamEntry): void {
    this.entries.insert(entry);
    this.lastId = entry.id;
    this.entriesAdded += 1;
  }

  /** Deletes an entry; answers whether it was there. */
  delete(id: StreamId): boolean {
    if (this.entries.remove(id) === undefined) return false;
    if (compareIds(id, this.maxDeletedId) > 0) this.maxDeletedId = id;
    return true;
  }

  /** Deletes the `count` oldest entries, as trimming does: they leave no tombstone. */
  trim(count: number): void {
    this.entries.dropFirst(count);
  }

  /** Adds a group that starts after `lastId`; undefined when the name is taken. */
  createGroup(name: string, lastId: StreamId, entriesRead: number | undefined): Group | undefined {
    if (this.groups.has(name)) return undefined;
    const group: Group = {
      name,
      lastId,
      entriesRead,
      pending: new IdList(),
      consumers: new Map(),
    };
    this.groups.set(name, group);
    return group;
  }

  /** The newest entry's id; the first id of all when the stream is empty. */
  newestId(): StreamId {
    return this.entries.last()?.id ?? FIRST_ID;
  }

  /** How many entries `group` has yet to read, undefined when that cannot be known. */
  lag(group: Group): number | undefined {
    if (this.entriesAdded === 0) return 0;
    const known =
      group.entriesRead !== undefined && !this.hasTombstonesFrom(group.lastId)
        ? group.entriesRead
        : this.entriesUpTo(group.lastId);
    return known === undefined ? undefined : this.entriesAdded - known;
  }

  /** Moves the group past an entry it is given, keeping count as far as that is possible. */
  advance(group: Group, id: StreamId): void {
    if (compareIds(id, group.lastId) <= 0) return;
    if (group.entriesRead !== undefined && !this.hasTombstonesFrom(id)) group.entriesRead += 1;
    else if (this.entriesAdded > 0) group.entriesRead = this.entriesUpTo(id);
    group.lastId = id;
  }

  private hasTombstonesFrom(id: StreamId): boolean {
    if (this.entries.length === 0 || compareIds(this.maxDeletedId, FIRST_ID) === 0) return false;
    return compareIds(id, this.maxDeletedId) <= 0;
  }

  /** The number of entries ever added up to `id`, where the bounds of the stream tell it. */
  private entriesUpTo(id: StreamId): number | undefined {
    if (this.entriesAdded === 0) return 0;
    const againstLast = compareIds(id, this.lastId);
    if (againstLast === 0 || (againstLast < 0 && this.entries.length === 0)) {
      return this.entriesAdded;
    }
    const firstId = this.entries.first()?.id ?? FIRST_ID;
    const gapFree =
      compareIds(this.maxDeletedId, FIRST_ID) === 0 || compareIds(this.maxDeletedId, firstId) < 0;
    if (againstLast > 0 || !gapFree) return undefined;
    const againstFirst = compareIds(id, firstId);
    if (againstFirst > 0) return undefined;
    return this.entriesAdded - this.entries.length + (againstFirst === 0 ? 1 : 0);
  }
}

/** The consumer of this name, created at first sight. */
export function ensureConsumer(group: Group, name: string, now: number): Consumer {
  const known = group.consumers.get(name);
  if (known !== undefined) return known;
  const consumer: Consumer = { name, seenAt: now, pending: new IdList() };
  group.consumers.set(name, consumer);
  return consumer;
}

/** Records a first delivery; one that is pending already moves to this consumer and starts anew. */
export function deliver(group: Group, consumer: Consumer, id: StreamId, now: number): PendingEntry {
  const known = group.pending.find(id);
  if (known === undefined) {
    const pending: PendingEntry = { id, consumer, deliveredAt: now, deliveries: 1 };
    group.pending.insert(pending);
    consumer.pending.insert(pending);
    return pending;
  }
  assign(known, consumer);
  known.deliveredAt = now;
  known.deliveries = 1;
  return known;
}

/** Gives a pending entry to another consumer. */
export function assign(pending: PendingEntry, consumer: Consumer): void {
  if (pending.consumer === consumer) return;
  pending.consumer.pending.remove(pending.id);
  pending.consumer = consumer;
  consumer.pending.insert(pending);
}

/** Drops a pending entry; answers whether there was one. */
export function forget(group: Group, id: StreamId): boolean {
  const pending = group.pending.remove(id);
  pending?.consumer.pending.remove(id);
  return pending !== undefined;
}
