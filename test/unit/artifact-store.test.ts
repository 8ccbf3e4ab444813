import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { folderArtifactStore } from "../../src/session/artifact-store.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "artifacts-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const content = new TextEncoder().encode('{"a":1}');
const description = { name: "spec.json", mediaType: "application/json" };

test("finds stored bytes again by their hash", async () => {
  const store = folderArtifactStore(folder);
  const artifact = await store.put(content, description);
  expect(await readFile(store.pathOf(artifact), "utf8")).toBe('{"a":1}');
  expect(await store.verify(artifact)).toBe("intact");
});

test("tells a damaged file from a missing one", async () => {
  const store = folderArtifactStore(folder);
  const artifact = await store.put(content, description);
  await writeFile(store.pathOf(artifact), '{"a":2}');
  expect(await store.verify(artifact)).toBe("damaged");
  await rm(store.pathOf(artifact));
  expect(await store.verify(artifact)).toBe("missing");
});

test("refuses a name that would leave the folder", async () => {
  const store = folderArtifactStore(folder);
  await expect(store.put(content, { ...description, name: "../x.json" })).rejects.toThrow();
});
