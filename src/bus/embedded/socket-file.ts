import { statSync, unlinkSync } from "node:fs";
import { chmod, link, rename, unlink } from "node:fs/promises";
import { connect, type Server } from "node:net";
import { dirname, join } from "node:path";
import { makeFolder } from "../../base/make-folder.ts";
import { OperatorError } from "../../base/operator-error.ts";

/** The kernel's limit is 108 bytes on Linux and 104 on macOS, with the closing zero. */
const SOCKET_PATH_BYTES = 103;

/** Removes the socket file, if it is still the one of this server. */
export type ReleaseSocket = () => void;

/**
 * Makes the server listen on a unix socket of mode 0600, in a folder of mode 0700 if it has to be
 * made. A file nobody answers on is replaced; a broker that answers is left alone: rejects with
 * an OperatorError then. Closing the server leaves the file alone.
 */
export async function listenOnSocket(server: Server, path: string): Promise<ReleaseSocket> {
  if (Buffer.byteLength(path) > SOCKET_PATH_BYTES) {
    throw new OperatorError({
      code: "usage",
      message: `The socket path is longer than ${SOCKET_PATH_BYTES} bytes: ${path}`,
      nextStep: "Choose a shorter state folder.",
    });
  }
  makeFolder(dirname(path));
  // Node removes the file it bound when the server closes, whosever it is by then. So it binds a
  // name of its own, and the file is given its real name without taking anyone's.
  const bound = join(dirname(path), `.${process.pid.toString(36)}${nextNumber().toString(36)}`);
  await unlinkIfThere(bound);
  await listen(server, bound);
  try {
    await chmod(bound, 0o600);
    await claimName(bound, path);
  } catch (error) {
    server.close();
    throw error;
  }
  const { ino, dev } = statSync(path);
  return () => {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.ino === ino && found.dev === dev) unlinkSync(path);
  };
}

let brokers = 0;

function nextNumber(): number {
  brokers += 1;
  return brokers;
}

/** Moves a file to a name that is free, or becomes free because nobody answers there. */
async function claimName(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
    await removeStale(to);
    await link(from, to);
  }
  await unlink(from);
}

async function unlinkIfThere(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
  }
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

/**
 * Removes a dead socket file. It is moved away first and probed again there: should another broker
 * have taken the path in between, it gets its file back.
 */
async function removeStale(path: string): Promise<void> {
  if (await answers(path)) throw inUse(path);
  const aside = `${path}.${process.pid}`;
  await rename(path, aside);
  if (await answers(aside)) {
    await rename(aside, path);
    throw inUse(path);
  }
  await unlink(aside);
}

function inUse(path: string): OperatorError {
  return new OperatorError({
    code: "bus-unreachable",
    message: `Another broker listens on ${path}.`,
    nextStep: "Connect to that one, or choose another socket path.",
  });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    const settle = (answer: boolean) => {
      probe.destroy();
      resolve(answer);
    };
    probe.once("connect", () => settle(true));
    probe.once("error", () => settle(false));
  });
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
