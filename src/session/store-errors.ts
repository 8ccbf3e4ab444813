/** What a failing store means to an operator. */
import { errorMessage } from "../base/error-message.ts";
import { OperatorError } from "../base/operator-error.ts";

/** SQLite's primary result codes (https://sqlite.org/rescode.html). */
const BUSY = 5;
const CORRUPT = 11;
const NOT_A_DATABASE = 26;

/** What to do about a primary result code that only the operator can mend. */
const REMEDIES: Readonly<Record<number, readonly [what: string, nextStep: string]>> = {
  [BUSY]: ["another process has kept it locked", "close the other aimie-console, then try again"],
  8: ["it cannot be written", "make the file and its folder writable, or choose another folder"],
  10: ["the disk reported an error", "check the disk, or choose another folder"],
  [CORRUPT]: [
    "it is damaged",
    "start aimie-console again: it moves the file aside and begins anew",
  ],
  13: ["the disk or the store's own limit is full", "free some space, or delete old sessions"],
  14: ["it cannot be opened", "make the folder writable, or choose another folder"],
  [NOT_A_DATABASE]: ["it is not a database", "start aimie-console again: it moves the file aside"],
};

/** The primary result code of an error SQLite raised; undefined for any other error. */
function sqliteCode(thrown: unknown): number | undefined {
  if (!(thrown instanceof Error) || !("errcode" in thrown)) return undefined;
  return typeof thrown.errcode === "number" ? thrown.errcode & 0xff : undefined;
}

/** Whether the file's content is at fault, so that it can only be put aside. */
export function isDamage(thrown: unknown): boolean {
  const code = sqliteCode(thrown);
  return code === CORRUPT || code === NOT_A_DATABASE;
}

/** Whether another process has the file locked just now. */
export function isBusy(thrown: unknown): boolean {
  return sqliteCode(thrown) === BUSY;
}

/** Runs `work`; what the operator must mend is thrown as an OperatorError, a bug as it is. */
export function explaining<Value>(path: string, work: () => Value): Value {
  try {
    return work();
  } catch (cause) {
    throw explained(path, cause);
  }
}

function explained(path: string, cause: unknown): unknown {
  const remedy = remedyOf(cause);
  if (remedy === undefined) return cause;
  const [what, nextStep] = remedy;
  const message = `the session store ${path} cannot be used: ${what} (${errorMessage(cause)})`;
  return new OperatorError({ code: "usage", message, nextStep }, { cause });
}

function remedyOf(thrown: unknown): readonly [what: string, nextStep: string] | undefined {
  const code = sqliteCode(thrown);
  if (code !== undefined) return REMEDIES[code];
  const isFileError = thrown instanceof Error && "syscall" in thrown;
  return isFileError ? REMEDIES[14] : undefined;
}
