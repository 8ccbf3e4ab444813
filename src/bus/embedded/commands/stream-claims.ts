import { parseInteger, readLeadingOptions, readOptions } from "../arguments.ts";
import type { Call, CommandTable } from "../command.ts";
import { CommandError, type Reply } from "../reply.ts";
import {
  compareIds,
  FIRST_ID,
  formatId,
  isId,
  parseId,
  parseRangeBound,
  type StreamId,
} from "../stream-id.ts";
import { entryReply } from "../stream-reply.ts";
import {
  assign,
  deliver,
  ensureConsumer,
  forget,
  type Group,
  type PendingEntry,
  type StreamValue,
} from "../stream-value.ts";
import { recordGroup, recordPending, requirePendingGroup } from "./stream-groups.ts";

/** The commands by which a consumer takes over what another was given. */
export const streamClaimCommands: CommandTable = {
  xclaim: { arity: -6, flags: ["write", "fast"], keys: [1, 1, 1], run: xclaim },
  xautoclaim: { arity: -6, flags: ["write", "fast"], keys: [1, 1, 1], run: xautoclaim },
};

interface Claim {
  readonly minIdle: number;
  readonly consumer: string;
  deliveredAt: number;
  retryCount: number | undefined;
  force: boolean;
  justId: boolean;
  lastId: StreamId | undefined;
}

function parseMinIdle(text: string, command: string): number {
  try {
    return Math.max(parseInteger(text), 0);
  } catch (error) {
    throw new CommandError(`ERR Invalid min-idle-time argument for ${command}`, { cause: error });
  }
}

function readClaimOptions(claim: Claim, words: readonly string[], now: number): void {
  const inPast = (time: number) => (time < 0 || time > now ? now : time);
  const end = readLeadingOptions(words, 0, {
    force: () => {
      claim.force = true;
    },
    justid: () => {
      claim.justId = true;
    },
    idle: (next) => {
      claim.deliveredAt = inPast(now - parseClaimNumber(next(), "IDLE"));
    },
    time: (next) => {
      claim.deliveredAt = inPast(parseClaimNumber(next(), "TIME"));
    },
    retrycount: (next) => {
      claim.retryCount = parseClaimNumber(next(), "RETRYCOUNT");
    },
    lastid: (next) => {
      claim.lastId = parseId(next());
    },
  });
  if (end < words.length) {
    throw new CommandError(`ERR Unrecognized XCLAIM option '${words[end]}'`);
  }
}

function parseClaimNumber(text: string, option: string): number {
  try {
    return parseInteger(text);
  } catch (error) {
    throw new CommandError(`ERR Invalid ${option} option argument for XCLAIM`, { cause: error });
  }
}

function newClaim(consumer: string, minIdle: number, now: number): Claim {
  return {
    minIdle,
    consumer,
    deliveredAt: now,
    retryCount: undefined,
    force: false,
    justId: false,
    lastId: undefined,
  };
}

function xclaim(call: Call, args: readonly string[]): Reply {
  const { keyspace } = call;
  const [key = "", name = "", consumer = "", minIdle = "", ...words] = args;
  const { stream, group } = requirePendingGroup(call, key, name);
  const claim = newClaim(consumer, parseMinIdle(minIdle, "XCLAIM"), keyspace.now);
  const firstOption = words.findIndex((word) => !isId(word));
  const optionsAt = firstOption < 0 ? words.length : firstOption;
  const ids = words.slice(0, optionsAt).map((word) => parseId(word));
  readClaimOptions(claim, words.slice(optionsAt), keyspace.now);
  if (claim.lastId !== undefined && compareIds(claim.lastId, group.lastId) > 0) {
    group.lastId = claim.lastId;
    keyspace.markChanged();
    recordGroup(call, key, group);
  }
  const taken: PendingEntry[] = [];
  const reply = ids.flatMap((id) => claimOne(call, { stream, group, claim, id, key, taken }));
  recordPending(call, key, group, taken);
  return reply;
}

/** The reply for one id of XCLAIM: none when it is not claimed. An entry that is gone is forgotten. */
function claimOne(
  call: Call,
  target: {
    readonly stream: StreamValue;
    readonly group: Group;
    readonly claim: Claim;
    readonly id: StreamId;
    readonly key: string;
    readonly taken: PendingEntry[];
  },
): Reply[] {
  const { stream, group, claim, id, taken } = target;
  const entry = stream.entries.find(id);
  if (entry === undefined) {
    if (forget(group, id)) recordGone(call, target.key, group, id);
    return [];
  }
  const pending = takeOver(call, group, claim, id);
  if (pending === undefined) return [];
  taken.push(pending);
  return [claim.justId ? formatId(id) : entryReply(entry)];
}

function recordGone({ keyspace, broker }: Call, key: string, group: Group, id: StreamId): void {
  keyspace.markChanged();
  broker.record("XACK", key, group.name, formatId(id));
}

/** Gives one pending entry to the claimant and answers it, if the conditions hold. */
function takeOver(
  { keyspace }: Call,
  group: Group,
  claim: Claim,
  id: StreamId,
): PendingEntry | undefined {
  const known = group.pending.find(id);
  if (known === undefined ? !claim.force : isFresh(known, claim, keyspace.now)) return undefined;
  const consumer = ensureConsumer(group, claim.consumer, keyspace.now);
  consumer.seenAt = keyspace.now;
  if (known === undefined) deliver(group, consumer, id, keyspace.now);
  const pending = group.pending.find(id);
  if (pending === undefined) return undefined;
  assign(pending, consumer);
  pending.deliveredAt = claim.deliveredAt;
  pending.deliveries = claim.retryCount ?? pending.deliveries + (claim.justId ? 0 : 1);
  keyspace.markChanged();
  return pending;
}

/** Whether an entry was delivered too short a time ago to be claimed. */
function isFresh({ deliveredAt }: PendingEntry, { minIdle }: Claim, now: number): boolean {
  return minIdle > 0 && now - deliveredAt < minIdle;
}

/** XAUTOCLAIM looks at so many pending entries for each one it may answer. */
const ATTEMPTS_PER_ENTRY = 10;
const DEFAULT_COUNT = 100;
/** What Redis could still hold in memory on a machine with 64 bits. */
const MAXIMUM_COUNT = 2 ** 59;

function xautoclaim(call: Call, args: readonly string[]): Reply {
  const [key = "", name = "", consumer = "", minIdle = "", start = "", ...words] = args;
  const claim = newClaim(consumer, parseMinIdle(minIdle, "XAUTOCLAIM"), call.keyspace.now);
  const from = parseRangeBound(start, "start");
  let count = DEFAULT_COUNT;
  readOptions(words, 0, {
    count: (next) => {
      count = parseInteger(next());
      if (count < 1 || count > MAXIMUM_COUNT) throw new CommandError("ERR COUNT must be > 0");
    },
    justid: () => {
      claim.justId = true;
    },
  });
  const { stream, group } = requirePendingGroup(call, key, name);
  const scanned = group.pending.range(
    from,
    group.pending.last()?.id ?? FIRST_ID,
    count * ATTEMPTS_PER_ENTRY + 1,
  );
  const [claimed, deleted]: [Reply[], Reply[]] = [[], []];
  const taken: PendingEntry[] = [];
  let looked = 0;
  for (const { id } of scanned.slice(0, count * ATTEMPTS_PER_ENTRY)) {
    if (claimed.length + deleted.length >= count) break;
    looked += 1;
    const entry = stream.entries.find(id);
    if (entry === undefined) {
      forget(group, id);
      recordGone(call, key, group, id);
      deleted.push(formatId(id));
      continue;
    }
    const pending = takeOver(call, group, claim, id);
    if (pending === undefined) continue;
    taken.push(pending);
    claimed.push(claim.justId ? formatId(id) : entryReply(entry));
  }
  recordPending(call, key, group, taken);
  return [cursorAt(scanned, looked), claimed, deleted];
}

function cursorAt(scanned: readonly PendingEntry[], looked: number): string {
  return formatId(scanned[looked]?.id ?? FIRST_ID);
}
