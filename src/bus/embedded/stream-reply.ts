import type { Call } from "./command.ts";
import { map, NIL_ARRAY, type Reply } from "./reply.ts";
import { formatId } from "./stream-id.ts";
import type { StreamEntry } from "./stream-value.ts";

/** An entry as every command answers it: its id, then its fields and values. */
export function entryReply(entry: StreamEntry): Reply {
  return [formatId(entry.id), entry.fields];
}

/** The reply of a read of several streams: a map in RESP3, a list of pairs in RESP2. */
export function readReply(call: Call, found: readonly (readonly [string, Reply])[]): Reply {
  if (found.length === 0) return NIL_ARRAY;
  return call.protocol === 3 ? map(found) : found.map(([key, entries]) => [key, entries]);
}
