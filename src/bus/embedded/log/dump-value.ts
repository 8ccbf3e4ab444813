import { assertNever } from "../../../base/assert.ts";
import { claimsOf } from "../commands/stream-groups.ts";
import type { Keyspace, Value } from "../keyspace.ts";
import { formatDouble } from "../resp-writer.ts";
import { compareIds, FIRST_ID, formatId, LAST_ID, type StreamId } from "../stream-id.ts";
import type { Group, StreamValue } from "../stream-value.ts";

/** Words of a command that makes a value of many parts, so that none is too long. */
const PARTS_PER_COMMAND = 256;

/** The commands that make a key what it is, where there is no such key; none when it is gone. */
export function dumpKey(keyspace: Keyspace, key: string): (readonly string[])[] {
  const value = keyspace.find(key);
  if (value === undefined) return [];
  const commands = dumpValue(key, value);
  const expireAt = keyspace.expiryOf(key);
  if (expireAt !== undefined) commands.push(["PEXPIREAT", key, String(expireAt)]);
  return commands;
}

function dumpValue(key: string, value: Value): (readonly string[])[] {
  switch (value.type) {
    case "string":
      return [["SET", key, value.text]];
    case "hash":
      return inParts("HSET", key, [...value.fields].flat());
    case "set":
      return inParts("SADD", key, [...value.members]);
    case "list":
      return inParts("RPUSH", key, value.items);
    case "zset":
      return inParts(
        "ZADD",
        key,
        value.slice(0, value.size).flatMap(({ member, score }) => [formatDouble(score), member]),
      );
    case "stream":
      return dumpStream(key, value);
    default:
      return assertNever(value);
  }
}

function inParts(name: string, key: string, words: readonly string[]): (readonly string[])[] {
  const commands: (readonly string[])[] = [];
  for (let start = 0; start < words.length; start += PARTS_PER_COMMAND) {
    commands.push([name, key, ...words.slice(start, start + PARTS_PER_COMMAND)]);
  }
  return commands;
}

/**
 * An entry that is gone and still pending is added for its claim and deleted again: a claim needs
 * its entry.
 */
function dumpStream(key: string, stream: StreamValue): (readonly string[])[] {
  const gone = [...stream.groups.values()]
    .flatMap(({ pending }) => pending.range(FIRST_ID, LAST_ID).map(({ id }) => id))
    .filter((id) => stream.entries.find(id) === undefined);
  const goneIds = [...new Map(gone.map((id) => [formatId(id), id]))].map(([, id]) => id);
  const entries: { readonly id: StreamId; readonly fields: readonly string[] }[] = [
    ...stream.entries.range(FIRST_ID, LAST_ID),
    ...goneIds.map((id) => ({ id, fields: ["", ""] })),
  ];
  if (goneIds.length > 0) entries.sort((left, right) => compareIds(left.id, right.id));
  const commands = entries.map(({ id, fields }) => ["XADD", key, formatId(id), ...fields]);
  if (entries.length === 0) commands.push(["XADD", key, "MAXLEN", "=", "0", "0-1", "", ""]);
  for (const group of stream.groups.values()) commands.push(...dumpGroup(key, group));
  commands.push(...removeGone(key, stream, goneIds));
  commands.push([
    ...["XSETID", key, formatId(stream.lastId)],
    ...["ENTRIESADDED", String(stream.entriesAdded)],
    ...["MAXDELETEDID", formatId(stream.maxDeletedId)],
  ]);
  return commands;
}

/** Deleting leaves a tombstone, trimming none: each goes as it went. */
function removeGone(
  key: string,
  { entries, maxDeletedId }: StreamValue,
  goneIds: readonly StreamId[],
): string[][] {
  const oldest = entries.first()?.id ?? LAST_ID;
  const deleted = goneIds.filter(
    (id) => compareIds(id, maxDeletedId) <= 0 || compareIds(id, oldest) > 0,
  );
  const commands = deleted.length > 0 ? [["XDEL", key, ...deleted.map(formatId)]] : [];
  if (deleted.length < goneIds.length) {
    commands.push(["XTRIM", key, "MAXLEN", "=", String(entries.length)]);
  }
  return commands;
}

function dumpGroup(key: string, group: Group): string[][] {
  const { name, lastId, entriesRead } = group;
  const read = ["ENTRIESREAD", String(entriesRead ?? -1)];
  const commands = [["XGROUP", "CREATE", key, name, formatId(lastId), ...read]];
  for (const consumer of group.consumers.values()) {
    commands.push(["XGROUP", "CREATECONSUMER", key, name, consumer.name]);
    const pending = consumer.pending.range(FIRST_ID, LAST_ID);
    for (const claim of claimsOf(key, group, pending)) commands.push([...claim]);
  }
  return commands;
}
