/**
 * Artifacts that were made on another machine: fetched from a console or a crew that has them.
 *
 * X1 What was fetched is stored only when its bytes have the hash it was asked for by.
 * X2 Only whole files named by their content are given away; nothing else can be asked for.
 * X3 No more is taken in than was asked for, whoever answers.
 */
import { open } from "node:fs/promises";
import { z } from "zod";
import type { Clock } from "../base/clock.ts";
import { errorMessage } from "../base/error-message.ts";
import type { Artifact } from "../protocol/artifact.ts";
import { artifactSchema } from "../protocol/artifact.ts";
import type { Names } from "../protocol/names.ts";
import { namesOf } from "../protocol/names.ts";
import { parseBoundedJson } from "../protocol/parse-message.ts";
import { ARTIFACT_WANTED, PIECE_BYTES, putPiece, takePiece } from "./artifact-pieces.ts";
import type { RedisConnection } from "./connection.ts";
import { publish } from "./pubsub.ts";

/** Largest artifact that is fetched over the bus. */
const FETCHED_BYTES_MAX = 64 * 1024 * 1024;

/** How long a piece may take, milliseconds; after it nobody is thought to have the file. */
const PIECE_MS = 3000;

/** How often it is looked for a piece that was asked for, milliseconds. */
const LOOK_EVERY_MS = 10;

/** What an exchange needs of who takes part in it. */
export interface ArtifactExchange {
  /** The files that are here. */
  readonly artifacts: {
    pathOf(artifact: Pick<Artifact, "sha256" | "mediaType">): string;
    verify(artifact: Artifact): Promise<"intact" | "missing" | "damaged">;
    take(artifact: Pick<Artifact, "sha256" | "mediaType">, content: Uint8Array): Promise<boolean>;
  };
  readonly namespace: string;
  readonly clock: Pick<Clock, "after" | "now">;
  readonly log: (level: "info" | "warning" | "error", text: string) => void;
}

/** What may end a fetch early, and who wants to know how far it is. */
export interface FetchWatch {
  readonly signal?: AbortSignal;
  readonly onProgress?: (fraction: number) => void;
}

const wantedSchema = artifactSchema
  .pick({ sha256: true, mediaType: true, bytes: true, name: true })
  .extend({ offset: z.int().nonnegative() });

/** Answers who asks for a piece, if the file is here. */
export async function answerArtifact(
  { artifacts, namespace, log }: ArtifactExchange,
  connection: RedisConnection,
  text: string,
): Promise<void> {
  const json = parseBoundedJson(text);
  const wanted = wantedSchema.safeParse(json.ok ? json.value : undefined);
  if (!wanted.success) return;
  const { offset, ...artifact } = wanted.data;
  try {
    const piece = await readPiece(artifacts.pathOf(artifact), offset);
    if (piece !== undefined) {
      await putPiece(connection, namesOf(namespace), { sha256: artifact.sha256, offset }, piece);
    }
  } catch (cause) {
    log("warning", `artifact ${artifact.sha256}: ${errorMessage(cause)}`);
  }
}

/** X2 */
async function readPiece(path: string, offset: number): Promise<Uint8Array | undefined> {
  const file = await open(path, "r").catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const { bytesRead, buffer } = await file.read(
      Buffer.alloc(PIECE_BYTES),
      0,
      PIECE_BYTES,
      offset,
    );
    return bytesRead === 0 ? undefined : buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/**
 * The local path of an artifact, fetched when it is not here; undefined when nobody answers, or
 * what was sent is not what was asked for.
 */
export async function fetchArtifact(
  scope: ArtifactExchange,
  connection: RedisConnection | undefined,
  artifact: Artifact,
  { signal, onProgress }: FetchWatch = {},
): Promise<string | undefined> {
  const { artifacts, namespace, log } = scope;
  if ((await artifacts.verify(artifact)) === "intact") return artifacts.pathOf(artifact);
  if (connection === undefined || artifact.bytes > FETCHED_BYTES_MAX) return undefined;
  const names = namesOf(namespace);
  const pieces: Uint8Array[] = [];
  for (let offset = 0; offset < artifact.bytes; ) {
    const piece = await fetchPiece(scope, connection, names, artifact, offset);
    if (piece === undefined || signal?.aborted === true) return undefined;
    const left = artifact.bytes - offset;
    if (piece.byteLength === 0 || piece.byteLength > Math.min(PIECE_BYTES, left)) return undefined; // X3
    pieces.push(piece);
    offset += piece.byteLength;
    onProgress?.(offset / artifact.bytes);
  }
  const stored = await artifacts.take(artifact, Buffer.concat(pieces)); // X1
  if (!stored) log("warning", `artifact ${artifact.sha256}: what was sent is another file`);
  return stored ? artifacts.pathOf(artifact) : undefined;
}

async function fetchPiece(
  { clock }: ArtifactExchange,
  connection: RedisConnection,
  names: Names,
  { sha256, mediaType, bytes, name }: Artifact,
  offset: number,
): Promise<Uint8Array | undefined> {
  const text = JSON.stringify({ sha256, mediaType, bytes, name, offset });
  const until = clock.now() + PIECE_MS;
  await publish(connection, names, { topic: ARTIFACT_WANTED, text });
  while (clock.now() < until) {
    const piece = await takePiece(connection, names, { sha256, offset });
    if (piece !== undefined) return piece;
    await new Promise<void>((resolve) => clock.after(LOOK_EVERY_MS, resolve));
  }
  return undefined;
}
