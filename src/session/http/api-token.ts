/** The token of the session API: made once, readable by its owner alone. */
import { randomBytes } from "node:crypto";
import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { errorMessage } from "../../base/error-message.ts";
import { makeFolder } from "../../base/make-folder.ts";
import { OperatorError } from "../../base/operator-error.ts";

/** A token has 256 bits. */
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/**
 * Reads the token of `path`; makes one when there is none.
 * @throws OperatorError `usage` when the file cannot be read or written, or holds something else.
 */
export function apiToken(path: string): string {
  try {
    makeFolder(dirname(path));
    writeFileSync(path, `${randomBytes(32).toString("base64url")}\n`, { mode: 0o600, flag: "wx" });
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause && cause.code === "EEXIST")) {
      throw unusable(path, errorMessage(cause));
    }
  }
  const token = readToken(path);
  if (TOKEN.test(token)) return token;
  throw unusable(path, "it does not hold a token");
}

function readToken(path: string): string {
  try {
    if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
    return readFileSync(path, "utf8").trim();
  } catch (cause) {
    throw unusable(path, errorMessage(cause));
  }
}

function unusable(path: string, why: string): OperatorError {
  return new OperatorError({
    code: "usage",
    message: `the token file ${path} cannot be used: ${why}`,
    nextStep: "remove it; the next start makes a new one",
  });
}
