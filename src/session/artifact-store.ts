/**
 * Artifacts as files of a folder, named by their content.
 *
 * A1 A file under its final name is complete: written to a temporary name, fsynced, renamed.
 * A2 A name is the SHA-256 of the content and nothing from a message; it cannot leave the folder.
 *    A link in the way is not followed: neither of a file nor of a folder below ours.
 * A3 Storing the same content twice stores it once.
 */
import { createHash, randomUUID } from "node:crypto";
import { constants } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { lstat, open, realpath, rename, rm } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { pipeline } from "node:stream/promises";
import { makeFolder } from "../base/make-folder.ts";
import type { Artifact, Column } from "../protocol/artifact.ts";
import { artifactSchema } from "../protocol/artifact.ts";

/** What is known of a file about to be stored, beside its content. */
export interface ArtifactDescription {
  readonly name: string;
  readonly mediaType: string;
  readonly rows?: number;
  readonly columns?: readonly Column[];
}

/** Where artifacts are kept and found: a folder now, another machine later. */
export interface ArtifactStore {
  /** Stores bytes; resolves when they would survive a crash. */
  put(content: Uint8Array, description: ArtifactDescription): Promise<Artifact>;
  /** Stores bytes that came from elsewhere; false, and nothing stored, when they are others. */
  take(artifact: Pick<Artifact, "sha256" | "mediaType">, content: Uint8Array): Promise<boolean>;
  /** Takes a file away; one that is not there is no matter. */
  remove(artifact: Pick<Artifact, "sha256" | "mediaType">): Promise<void>;
  /** The local path an artifact has, or would have, in this store. */
  pathOf(artifact: Pick<Artifact, "sha256" | "mediaType">): string;
  /** Whether the file exists and its content still has the hash it is named by. */
  verify(artifact: Artifact): Promise<"intact" | "missing" | "damaged">;
}

/** The file-name endings by media type, so that a desktop opens the file with the right program. */
const ENDINGS: Readonly<Record<string, string>> = {
  "application/vnd.apache.parquet": ".parquet",
  "image/svg+xml": ".svg",
  "image/png": ".png",
  "application/json": ".json",
  "text/csv": ".csv",
  "text/html": ".html",
};

/** An artifact store in `folder`, which is made (mode 0700) at the first write. */
export function folderArtifactStore(folder: string): ArtifactStore {
  const pathOf: ArtifactStore["pathOf"] = ({ sha256, mediaType }) =>
    join(folder, sha256.slice(0, 2), `${sha256}${ENDINGS[mediaType] ?? ""}`);
  return {
    pathOf,
    async put(content, description) {
      const sha256 = createHash("sha256").update(content).digest("hex");
      const artifact = artifactSchema.parse({
        ...description,
        sha256,
        bytes: content.byteLength,
      });
      await writeOnce(folder, pathOf(artifact), content);
      return artifact;
    },
    async take(artifact, content) {
      if (createHash("sha256").update(content).digest("hex") !== artifact.sha256) return false;
      // Somebody else may have brought it meanwhile, and be reading it.
      if (await holds(folder, pathOf(artifact), artifact.sha256)) return true;
      // A damaged file of the same size must not be taken for the one that has come.
      await rm(pathOf(artifact), { force: true });
      await writeOnce(folder, pathOf(artifact), content);
      return true;
    },
    async remove(artifact) {
      await rm(pathOf(artifact), { force: true });
    },
    async verify(artifact) {
      const path = pathOf(artifact);
      const file = await openPlainFile(folder, path);
      if (file === "missing" || file === "link") return file === "missing" ? file : "damaged";
      return (await hashOf(file)) === artifact.sha256 ? "intact" : "damaged";
    },
  };
}

async function holds(folder: string, path: string, sha256: string): Promise<boolean> {
  const file = await openPlainFile(folder, path);
  return typeof file !== "string" && (await hashOf(file)) === sha256;
}

async function hashOf(file: FileHandle): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(file.createReadStream(), hash);
  return hash.digest("hex");
}

/** Opens a stored file for reading; a link in its place, or in its folder's, is not followed. A2 */
async function openPlainFile(
  folder: string,
  path: string,
): Promise<FileHandle | "missing" | "link"> {
  try {
    if (!(await staysInside(folder, path))) return "link";
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    return code === "ENOENT" ? "missing" : "link";
  }
}

/** Whether the folder of `path` really lies where its name says, below `folder`. A2 */
export async function staysInside(folder: string, path: string): Promise<boolean> {
  const [root, parent] = await Promise.all([realpath(folder), realpath(dirname(path))]);
  return parent === join(root, relative(folder, dirname(path)));
}

async function writeOnce(folder: string, path: string, content: Uint8Array): Promise<void> {
  const existing = await lstat(path).catch(() => undefined);
  if (existing?.isFile() === true && existing.size === content.byteLength) return; // A3
  makeFolder(dirname(path));
  if (!(await staysInside(folder, path))) {
    throw new Error(`${dirname(path)} is a link to another folder; remove it`); // A2
  }
  const temporary = join(folder, `.${randomUUID()}.partial`);
  try {
    const file = await open(temporary, "wx", 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path); // A1
    await syncFolder(dirname(path));
  } catch (cause) {
    await rm(temporary, { force: true });
    throw cause;
  }
}

/** Makes a new name in a folder survive a crash, where the system can. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY);
  try {
    await folder.sync();
  } catch {
    // Some file systems cannot; the file itself has been synced.
  } finally {
    await folder.close();
  }
}
