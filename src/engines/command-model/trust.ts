/**
 * Which commands the operator trusts, of models and of tool servers, by what they are, not by what
 * they are called.
 *
 * T1 A fingerprint covers the description and every file of its own folder that the command names,
 *    so that a change of either asks for trust again.
 * T2 What cannot be read is not trusted.
 */
import { createHash } from "node:crypto";
import { readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { errorMessage } from "../../base/error-message.ts";
import { makeFolder } from "../../base/make-folder.ts";
import type { Result } from "../../base/result.ts";
import { err, ok } from "../../base/result.ts";
import type { Failure } from "../../protocol/failure.ts";
import type { CommandModel } from "./description.ts";
import { FOLDER, readDescription } from "./description.ts";

/** A description with where it lies and what it is. */
export interface OpenedModel {
  readonly model: CommandModel;
  readonly file: string;
  /** The folder of its file. */
  readonly folder: string;
  /** SHA-256 in hexadecimal (T1). */
  readonly fingerprint: string;
}

/** The fingerprint of a description and the files of its folder that its command names (T1). */
export function fingerprintOf(
  text: string,
  folder: string,
  command: CommandModel["command"],
): string {
  const hash = createHash("sha256").update(text);
  for (const name of filesOf({ command }, folder)) {
    const content = createHash("sha256").update(readOwnFile(join(folder, name)));
    hash.update(`\0${name}\0${content.digest("hex")}`);
  }
  return hash.digest("hex");
}

/** Reads a command model's file. */
export function openCommandModel(file: string): Result<OpenedModel, Failure> {
  const folder = dirname(file);
  try {
    const text = readFileSync(file, "utf8");
    const model = readDescription(text);
    if (!model.ok) return model;
    const fingerprint = fingerprintOf(text, folder, model.value.command);
    return ok({ model: model.value, file, folder, fingerprint });
  } catch (thrown) {
    return err({
      kind: "invalid-input",
      message: `A file of the model cannot be read: ${errorMessage(thrown)}`,
      nextStep: "Correct the command or put the file there.",
    });
  }
}

/** Whether a model's files are still those that were opened. */
export function isUnchanged({
  file,
  fingerprint,
}: Pick<OpenedModel, "file" | "fingerprint">): boolean {
  const now = openCommandModel(file);
  return now.ok && now.value.fingerprint === fingerprint;
}

/** Largest file that a fingerprint covers, bytes. */
const MAX_FILE_BYTES = 64_000_000;

/** Models are listed before they are trusted: a device or a pipe must not hold up who lists them. */
function readOwnFile(path: string): Uint8Array {
  const found = statSync(path);
  if (!found.isFile()) throw new Error(`${path} is not a file`);
  if (found.size > MAX_FILE_BYTES) throw new Error(`${path} has more than 64 MB`);
  return readFileSync(path);
}

/** A word that is nothing but a file of the model's own folder: it must be there. */
const OWN_FILE = new RegExp(`^\\{${FOLDER}\\}/([^{}]+)$`);
/** The same inside of a word, as in `--script={folder}/sim.py`. */
const INSIDE = new RegExp(`\\{${FOLDER}\\}/([^{}]+)$`);
/** A plain name, or one behind an equals sign: a program that runs in the folder finds it there. */
const PLAIN = /^(?:-[^=]*=)?([^{}/][^{}]*)$/;

/**
 * The files of its own folder that a command names: as `{folder}/…`, inside of a word too where there
 * is such a file, or by a name relative to the folder.
 */
export function filesOf(
  { command }: { readonly command: readonly string[] },
  folder: string,
): readonly string[] {
  const named = command.flatMap((word) => {
    const own = OWN_FILE.exec(word)?.[1];
    if (own !== undefined) return [own];
    const found = INSIDE.exec(word)?.[1] ?? PLAIN.exec(word)?.[1];
    return found !== undefined && isFile(join(folder, found)) ? [found] : [];
  });
  return [...new Set(named)];
}

/** Many a word is no path at all: too long for one, or with what no path may have. */
function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

const trustFileSchema = z.record(z.string(), z.object({ command: z.array(z.string()).readonly() }));

/** Whether the operator has trusted exactly this. */
export function isTrusted(
  trustFile: string,
  { fingerprint }: Pick<OpenedModel, "fingerprint">,
): boolean {
  return Object.hasOwn(readTrust(trustFile), fingerprint);
}

/** What is trusted: a command, and the fingerprint of all that it stands for. */
export interface TrustedCommand {
  readonly fingerprint: string;
  readonly model: Pick<CommandModel, "command">;
}

/** Trusts a command from now on; may throw what the file system throws. */
export function trustModel(trustFile: string, { fingerprint, model }: TrustedCommand): void {
  const all = { ...readTrust(trustFile), [fingerprint]: { command: model.command } };
  makeFolder(dirname(trustFile));
  const fresh = `${trustFile}.${process.pid}`;
  writeFileSync(fresh, `${JSON.stringify(all, null, 2)}\n`, { mode: 0o600 });
  renameSync(fresh, trustFile); // Readers find the old list or the new one, never a half.
}

function readTrust(trustFile: string): z.infer<typeof trustFileSchema> {
  try {
    return trustFileSchema.parse(JSON.parse(readFileSync(trustFile, "utf8")));
  } catch {
    return {}; // T2
  }
}

/** Longest command inside a message, characters. */
const MAX_SHOWN = 3000;

/** Why a model is not run. */
export function notTrusted(name: string, { model }: OpenedModel): Failure {
  return {
    kind: "invalid-input",
    message: `The model ${name} runs a program that you have not trusted yet: ${showCommand(model)}`,
    nextStep: `Look at the program; then aimie-console trust ${name}`,
  };
}

/** The whole command, each word with its limits to be seen; what is trusted is shown like this. */
export function wholeCommand({ command }: { readonly command: readonly string[] }): string {
  return command
    .map((word) => (/^[\w./:=,{}-]+$/.test(word) ? word : JSON.stringify(word)))
    .join(" ");
}

/** The command for a message, which has a limit: what is cut off ends in an ellipsis. */
export function showCommand(model: { readonly command: readonly string[] }): string {
  const whole = wholeCommand(model);
  return whole.length > MAX_SHOWN ? `${whole.slice(0, MAX_SHOWN - 1)}…` : whole;
}
