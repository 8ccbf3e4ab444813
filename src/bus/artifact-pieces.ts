/**
 * Artifacts over the bus, in pieces: who lacks one asks on a channel for one piece at a time, who
 * has it puts the piece into a key that expires. So Redis never holds more of a file than a piece
 * per asker.
 */
import type { Names } from "../protocol/names.ts";
import type { RedisConnection } from "./connection.ts";

/** The channel pieces are asked for on. */
export const ARTIFACT_WANTED = "artifact.wanted";

/** Bytes of a piece. */
export const PIECE_BYTES = 192 * 1024;

/** How long a piece waits to be taken, milliseconds. */
const KEPT_MS = 30_000;

/** Puts a piece where it was asked for. */
export async function putPiece(
  connection: RedisConnection,
  names: Names,
  place: { readonly sha256: string; readonly offset: number },
  piece: Uint8Array,
): Promise<void> {
  const key = names.artifactPiece(place.sha256, place.offset);
  await connection.set(key, Buffer.from(piece).toString("base64"), "PX", KEPT_MS, "NX");
}

/** Takes a piece that has come; undefined while there is none. */
export async function takePiece(
  connection: RedisConnection,
  names: Names,
  place: { readonly sha256: string; readonly offset: number },
): Promise<Uint8Array | undefined> {
  const text = await connection.get(names.artifactPiece(place.sha256, place.offset));
  return text === null ? undefined : Buffer.from(text, "base64");
}
