/**
 * Artifacts as files of a folder, named by their content.
 *
 * A1 A file under its final name is complete: written to a temporary name, fsynced, renamed.
 * A2 A name is the SHA-256 of the content and nothing from a message; it cannot leave the folder.
 * A3 Storing the same content twice stores it once.
 */
import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
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
      const found = await stat(path).catch(() => undefined);
      if (found === undefined) return "missing";
      const hash = createHash("sha256");
      await pipeline(createReadStream(path), hash);
      return hash.digest("hex") === artifact.sha256 ? "intact" : "damaged";
    },
  };
}

async function writeOnce(folder: string, path: string, content: Uint8Array): Promise<void> {
  const existing = await stat(path).catch(() => undefined);
  if (existing?.size === content.byteLength) return; // A3
  await mkdir(join(path, ".."), { recursive: true, mode: 0o700 });
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
  } catch (cause) {
    await rm(temporary, { force: true });
    throw cause;
  }
}
