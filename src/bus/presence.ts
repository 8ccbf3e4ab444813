/** Who is there: each worker keeps a key alive under its slot. */
import type { WorkerSlot } from "../protocol/ids.ts";
import type { Names } from "../protocol/names.ts";
import { parseBoundedJson } from "../protocol/parse-message.ts";
import type { HeartbeatData } from "../protocol/telemetry.ts";
import { heartbeatDataSchema } from "../protocol/telemetry.ts";
import type { RedisConnection } from "./connection.ts";

/** How often a worker beats, milliseconds. */
export const HEARTBEAT_MS = 1000;

/** How long a heartbeat counts: a worker silent for longer is lost. */
const HEARTBEAT_EXPIRY_MS = 4000;

/** Records a heartbeat. */
export async function beat(
  connection: RedisConnection,
  names: Names,
  heartbeat: HeartbeatData,
): Promise<void> {
  const { slot } = heartbeat;
  await connection.set(
    names.heartbeatKey(slot),
    JSON.stringify(heartbeat),
    "PX",
    HEARTBEAT_EXPIRY_MS,
  );
  await connection.sadd(names.heartbeatIndex, slot);
}

/** Reserves a slot for a worker about to be started; false when somebody has it. */
export async function reserveSlot(
  connection: RedisConnection,
  names: Names,
  slot: WorkerSlot,
): Promise<boolean> {
  const key = names.heartbeatKey(slot);
  return (await connection.set(key, "reserved", "PX", HEARTBEAT_EXPIRY_MS, "NX")) === "OK";
}

/** Takes a worker off the list. */
export async function farewell(
  connection: RedisConnection,
  names: Names,
  slot: WorkerSlot,
): Promise<void> {
  await connection.del(names.heartbeatKey(slot));
  await connection.srem(names.heartbeatIndex, slot);
}

/** The workers that are alive now. */
export async function livingWorkers(
  connection: RedisConnection,
  names: Names,
): Promise<readonly HeartbeatData[]> {
  const slots = await connection.smembers(names.heartbeatIndex);
  const living: HeartbeatData[] = [];
  for (const slot of slots) {
    const text = await connection.get(names.heartbeatKey(slot as WorkerSlot));
    if (text === null) {
      await connection.srem(names.heartbeatIndex, slot);
      continue;
    }
    const json = parseBoundedJson(text);
    const parsed = heartbeatDataSchema.safeParse(json.ok ? json.value : undefined);
    if (parsed.success && parsed.data.activity !== "stopped") living.push(parsed.data);
  }
  return living;
}
