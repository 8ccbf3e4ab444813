import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { answerArtifact, fetchArtifact } from "../../src/bus/artifact-exchange.ts";
import { ARTIFACT_WANTED, PIECE_BYTES, putPiece } from "../../src/bus/artifact-pieces.ts";
import type { RedisConnection } from "../../src/bus/connection.ts";
import { openConnection } from "../../src/bus/connection.ts";
import { startEmbeddedBroker } from "../../src/bus/embedded/server.ts";
import { subscribe } from "../../src/bus/pubsub.ts";
import { ALL_SCRIPTS } from "../../src/bus/scripts/all-scripts.ts";
import { namesOf } from "../../src/protocol/names.ts";
import type { ArtifactStore } from "../../src/session/artifact-store.ts";
import { folderArtifactStore } from "../../src/session/artifact-store.ts";

let folder: string;
let closing: (() => unknown)[];
let connection: RedisConnection;
let here: ArtifactStore;
let there: ArtifactStore;
let warnings: string[];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "exchange-"));
  const path = join(folder, "b.sock");
  const broker = await startEmbeddedBroker({
    socketPath: path,
    scripts: ALL_SCRIPTS,
    clock: systemClock,
  });
  connection = openConnection({ kind: "unix", path }, "command");
  const subscriber = openConnection({ kind: "unix", path }, "subscriber");
  here = folderArtifactStore(join(folder, "here"));
  there = folderArtifactStore(join(folder, "there"));
  warnings = [];
  await subscribe(subscriber, namesOf("default"), [ARTIFACT_WANTED], ({ text }) => {
    void answerArtifact(scopeOf(there), connection, text);
  });
  closing = [() => connection.disconnect(), () => subscriber.disconnect(), () => broker.close()];
});
afterEach(async () => {
  for (const close of closing) await close();
  rmSync(folder, { recursive: true });
});

const scopeOf = (artifacts: ArtifactStore) => ({
  artifacts,
  namespace: "default",
  clock: systemClock,
  log: (_level: string, text: string) => void warnings.push(text),
});

const TABLE = { name: "table.csv", mediaType: "text/csv" };

test("a file of several pieces comes over the bus as it is", async () => {
  const content = Buffer.alloc(PIECE_BYTES * 2 + 17, "0123456789");
  const artifact = await there.put(content, TABLE);
  expect(await fetchArtifact(scopeOf(here), connection, artifact)).toBe(here.pathOf(artifact));
  expect(await here.verify(artifact)).toBe("intact");
});

test("what has another content than was asked for is not stored", async () => {
  const artifact = await there.put(Buffer.from("right"), TABLE);
  writeFileSync(there.pathOf(artifact), "wrong");
  expect(await fetchArtifact(scopeOf(here), connection, artifact)).toBeUndefined();
  expect(await here.verify(artifact)).toBe("missing");
  expect(warnings).toEqual([`artifact ${artifact.sha256}: what was sent is another file`]);
});

test("a file nobody has, and a question that cannot be read, come to nothing", async () => {
  const artifact = await there.put(Buffer.from("x"), TABLE);
  await there.remove(artifact);
  expect(await fetchArtifact(scopeOf(here), connection, artifact)).toBeUndefined();
  await answerArtifact(scopeOf(there), connection, '{"sha256":"../../etc/passwd"}');
  expect(await connection.keys("*")).toEqual([]);
});

test("a file that came meanwhile stays as it is, so that its reader is not disturbed", async () => {
  const artifact = await there.put(Buffer.from("table"), TABLE);
  await here.put(Buffer.from("table"), TABLE);
  const { ino } = statSync(here.pathOf(artifact));
  expect(await here.take(artifact, Buffer.from("table"))).toBe(true);
  expect(statSync(here.pathOf(artifact)).ino).toBe(ino);
});

test("a fetch ends when nobody waits for it any more, and tells how far it is", async () => {
  const artifact = await there.put(Buffer.alloc(PIECE_BYTES * 2, "x"), TABLE);
  const stop = new AbortController();
  const told: number[] = [];
  const onProgress = (fraction: number): void => void told.push(fraction);
  expect(await fetchArtifact(scopeOf(here), connection, artifact, { onProgress })).toBeDefined();
  expect(told).toEqual([0.5, 1]);
  await here.remove(artifact);
  stop.abort();
  const watch = { signal: stop.signal };
  expect(await fetchArtifact(scopeOf(here), connection, artifact, watch)).toBeUndefined();
  expect(await here.verify(artifact)).toBe("missing");
});

test("a piece larger than what is left is not taken in", async () => {
  const artifact = await there.put(Buffer.from("small"), TABLE);
  await there.remove(artifact);
  const names = namesOf("default");
  const place = { sha256: artifact.sha256, offset: 0 };
  await putPiece(connection, names, place, Buffer.from("small and more"));
  expect(await fetchArtifact(scopeOf(here), connection, artifact)).toBeUndefined();
  expect(warnings).toEqual([]);
});
