import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Result } from "../../../base/result.ts";
import { err, ok } from "../../../base/result.ts";
import { didYouMean } from "../../../engines/xmile/identifier.ts";
import type { Failure } from "../../../protocol/failure.ts";

const ENDING = ".xmile";

/** A catalogued model's name: never a path, so that it cannot leave the folders. */
const MODEL_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]*$/;

/** More than the largest text the engine reads; a larger file is not even loaded. */
const MAX_FILE_BYTES = 8_000_000;

/** The names of all models in the folders, sorted; a folder that is missing has none. */
export async function listModelNames(folders: readonly string[]): Promise<readonly string[]> {
  const entries = await Promise.all(folders.map((folder) => readdir(folder).catch(() => [])));
  const names = entries
    .flat()
    .filter((entry) => entry.endsWith(ENDING))
    .map((entry) => basename(entry, ENDING))
    .filter((name) => MODEL_NAME.test(name));
  return [...new Set(names)].sort();
}

/** The text of a catalogued model, from the first folder that has it. */
export async function readModelText(
  name: string,
  folders: readonly string[],
): Promise<Result<string, Failure>> {
  if (!MODEL_NAME.test(name)) {
    return err({
      kind: "invalid-input",
      message: `\`${name.slice(0, 100)}\` is not the name of a model: use letters, digits, - and _.`,
      nextStep: await knownModels(folders),
    });
  }
  for (const folder of folders) {
    const path = join(folder, `${name}${ENDING}`);
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile() !== true) continue;
    if (found.size > MAX_FILE_BYTES) {
      return err({
        kind: "invalid-input",
        message: `The file of the model \`${name}\` has ${found.size} bytes; that is too large.`,
        nextStep: "Split the model, or remove its views.",
      });
    }
    return ok(await readFile(path, "utf8"));
  }
  const names = await listModelNames(folders);
  return err({
    kind: "invalid-input",
    message: `There is no model \`${name}\`.${didYouMean(name, names)}`,
    nextStep: await knownModels(folders),
  });
}

const MAX_LISTED = 20;

async function knownModels(folders: readonly string[]): Promise<string> {
  const names = await listModelNames(folders);
  if (names.length === 0) return "Put XMILE files into a models folder; none was found.";
  return `The models are ${names.slice(0, MAX_LISTED).join(", ")}.`;
}
