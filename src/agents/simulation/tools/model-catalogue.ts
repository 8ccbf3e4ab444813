import { readdir, readFile, stat } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import type { Result } from "../../../base/result.ts";
import { err, ok } from "../../../base/result.ts";
import { didYouMean } from "../../../engines/xmile/identifier.ts";
import type { Failure } from "../../../protocol/failure.ts";

/** The kinds of files, by ending; where a folder has both, the first is meant. */
const ENDINGS = { xmile: ".xmile", command: ".yaml" } as const;

/** A catalogued model: an XMILE file's text, or the file that describes a command model. */
export type FoundModel =
  | { readonly kind: "xmile"; readonly text: string }
  | { readonly kind: "command"; readonly file: string };

/** A catalogued model's name: never a path, so that it cannot leave the folders. */
const MODEL_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]*$/;

/** More than the largest text the engine reads; a larger file is not even loaded. */
const MAX_FILE_BYTES = 8_000_000;

/** The names of all models in the folders, sorted; a folder that is missing has none. */
export async function listModelNames(folders: readonly string[]): Promise<readonly string[]> {
  const entries = await Promise.all(folders.map((folder) => readdir(folder).catch(() => [])));
  const names = entries
    .flat()
    .filter((entry) => Object.values(ENDINGS).some((ending) => entry.endsWith(ending)))
    .map((entry) => basename(entry, extname(entry)))
    .filter((name) => MODEL_NAME.test(name));
  return [...new Set(names)].sort();
}

/** A catalogued model, from the first folder that has it. */
export async function findModel(
  name: string,
  folders: readonly string[],
): Promise<Result<FoundModel, Failure>> {
  if (!MODEL_NAME.test(name)) {
    return err({
      kind: "invalid-input",
      message: `\`${name.slice(0, 100)}\` is not the name of a model: use letters, digits, - and _.`,
      nextStep: await knownModels(folders),
    });
  }
  for (const folder of folders) {
    const found = (await readIn(folder, name, "xmile")) ?? (await readIn(folder, name, "command"));
    if (found !== undefined) return found;
  }
  const names = await listModelNames(folders);
  return err({
    kind: "invalid-input",
    message: `There is no model \`${name}\`.${didYouMean(name, names)}`,
    nextStep: await knownModels(folders),
  });
}

async function readIn(
  folder: string,
  name: string,
  kind: FoundModel["kind"],
): Promise<Result<FoundModel, Failure> | undefined> {
  const file = join(folder, `${name}${ENDINGS[kind]}`);
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile() !== true) return undefined;
  if (found.size > MAX_FILE_BYTES) return err(tooLarge(name, found.size));
  return ok(kind === "xmile" ? { kind, text: await readFile(file, "utf8") } : { kind, file });
}

function tooLarge(name: string, bytes: number): Failure {
  return {
    kind: "invalid-input",
    message: `The file of the model \`${name}\` has ${bytes} bytes; that is too large.`,
    nextStep: "Split the model, or remove its views.",
  };
}

const MAX_LISTED = 20;

async function knownModels(folders: readonly string[]): Promise<string> {
  const names = await listModelNames(folders);
  if (names.length === 0)
    return "Put XMILE files or command models into a models folder; none was found.";
  return `The models are ${names.slice(0, MAX_LISTED).join(", ")}.`;
}
