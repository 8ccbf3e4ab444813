import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
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

test("does not follow a link that lies where a file belongs", async () => {
  const store = folderArtifactStore(folder);
  const artifact = await store.put(content, description);
  const elsewhere = join(folder, "elsewhere");
  await writeFile(elsewhere, content);
  await rm(store.pathOf(artifact));
  await symlink(elsewhere, store.pathOf(artifact));
  expect(await store.verify(artifact)).toBe("damaged");

  await store.put(content, description);
  expect(await store.verify(artifact)).toBe("intact");
  expect(await readFile(elsewhere, "utf8")).toBe('{"a":1}');
});

test("does not write through a folder that is a link to another one", async () => {
  const store = folderArtifactStore(join(folder, "store"));
  const artifact = await store.put(content, description);
  const shard = dirname(store.pathOf(artifact));
  await rm(shard, { recursive: true });
  await mkdir(join(folder, "elsewhere"));
  await symlink(join(folder, "elsewhere"), shard);

  await expect(store.put(content, description)).rejects.toThrow("is a link to another folder");
  expect(await store.verify(artifact)).toBe("damaged");
  expect(await readdir(join(folder, "elsewhere"))).toEqual([]);
});

test("keeps files for their owner alone", async () => {
  const store = folderArtifactStore(join(folder, "store"));
  const path = store.pathOf(await store.put(content, description));
  const modes = await Promise.all([path, dirname(path), join(folder, "store")].map(modeOf));
  expect(modes).toEqual([0o600, 0o700, 0o700]);
});

async function modeOf(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777;
}
