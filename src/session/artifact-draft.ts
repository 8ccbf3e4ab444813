/**
 * An artifact that is written piece by piece, for what is too large to be held in memory.
 *
 * The promises of artifact-store.ts hold: a draft has no name until it is complete (A1), and then
 * that of its content (A2, A3).
 */
import { createHash, randomUUID } from "node:crypto";
import { lstat, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeFolder } from "../base/make-folder.ts";
import type { Artifact } from "../protocol/artifact.ts";
import { artifactSchema } from "../protocol/artifact.ts";
import type { ArtifactDescription } from "./artifact-store.ts";
import { folderArtifactStore, staysInside, syncFolder } from "./artifact-store.ts";

/** A file in the making. */
export interface ArtifactDraft {
  /** Adds bytes; they may be changed afterwards. */
  write(bytes: Uint8Array): Promise<void>;
  /** Stores the file under its name; resolves when it would survive a crash. */
  finish(description: ArtifactDescription): Promise<Artifact>;
  /** Throws the file away; after `finish` there is nothing to throw away. */
  discard(): Promise<void>;
}

/** Begins a file in the folder of an artifact store. */
export async function draftArtifact(folder: string): Promise<ArtifactDraft> {
  makeFolder(folder);
  const temporary = join(folder, `.${randomUUID()}.partial`);
  const file = await open(temporary, "wx", 0o600);
  const hash = createHash("sha256");
  let bytes = 0;
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (isOpen) await file.close();
    isOpen = false;
  };
  return {
    async write(piece) {
      hash.update(piece);
      bytes += piece.byteLength;
      await file.writeFile(piece);
    },
    async finish(description) {
      const artifact = artifactSchema.parse({ ...description, sha256: hash.digest("hex"), bytes });
      await file.sync();
      await close();
      await place(folder, temporary, artifact);
      return artifact;
    },
    async discard() {
      await close();
      await rm(temporary, { force: true });
    },
  };
}

async function place(folder: string, temporary: string, artifact: Artifact): Promise<void> {
  const path = folderArtifactStore(folder).pathOf(artifact);
  const existing = await lstat(path).catch(() => undefined);
  if (existing?.isFile() === true && existing.size === artifact.bytes) {
    await rm(temporary, { force: true }); // A3
    return;
  }
  makeFolder(dirname(path));
  if (!(await staysInside(folder, path))) {
    throw new Error(`${dirname(path)} is a link to another folder; remove it`); // A2
  }
  await rename(temporary, path); // A1
  await syncFolder(dirname(path));
}
