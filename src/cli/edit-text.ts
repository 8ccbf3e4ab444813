/** Has a text edited in the operator's own editor, as git and crontab do. */
import { spawn } from "node:child_process";
import { accessSync, constants, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { errorMessage } from "../base/error-message.ts";
import type { Result } from "../base/result.ts";
import { err, ok } from "../base/result.ts";

/** Editors that are looked for when the environment names none. */
const KNOWN_EDITORS = ["vi", "nano"];

/** The command of $VISUAL, of $EDITOR, or of an editor on the search path. */
export function findEditor(named: readonly string[], searchPath: string): Result<string, string> {
  const wanted = named.find((command) => command.trim() !== "");
  if (wanted !== undefined) return ok(wanted);
  const found = KNOWN_EDITORS.find((name) => isOnPath(name, searchPath));
  if (found !== undefined) return ok(found);
  return err("no editor was found: set VISUAL or EDITOR to the command of one");
}

function isOnPath(name: string, searchPath: string): boolean {
  return searchPath
    .split(delimiter)
    .filter((folder) => folder !== "")
    .some((folder) => {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/**
 * Resolves with what the editor left of the text, or with why it cannot be had. The file is in a
 * folder that only this user can read, and is gone afterwards; `closing` ends the editor.
 */
export async function editText(
  command: string,
  text: string,
  closing: AbortSignal,
): Promise<Result<string, string>> {
  let folder: string | undefined;
  try {
    folder = mkdtempSync(join(tmpdir(), "aimie-edit-"));
    const path = join(folder, "step.yaml");
    writeFileSync(path, text, { mode: 0o600 });
    const problem = await runEditor(command, path, closing);
    return problem === undefined ? ok(readFileSync(path, "utf8")) : err(problem);
  } catch (cause) {
    return err(`the text cannot be edited: ${errorMessage(cause)}`);
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}

/** Through a shell, because $EDITOR may hold words; the path is its last argument. */
async function runEditor(
  command: string,
  path: string,
  closing: AbortSignal,
): Promise<string | undefined> {
  const child = spawn("/bin/sh", ["-c", `exec ${command} "$1"`, "sh", path], { stdio: "inherit" });
  const end = (): void => {
    child.kill();
  };
  closing.addEventListener("abort", end);
  try {
    return await new Promise((resolve) => {
      child.on("error", (cause) => resolve(`the editor cannot be started: ${cause.message}`));
      child.on("exit", (code, signal) =>
        resolve(code === 0 ? undefined : `the editor "${command}" ended with ${signal ?? code}`),
      );
    });
  } finally {
    closing.removeEventListener("abort", end);
  }
}
