import { chmod, mkdir, rename, unlink } from "node:fs/promises";
import { connect, type Server } from "node:net";
import { dirname } from "node:path";
import { OperatorError } from "../../base/operator-error.ts";

/** The kernel's limit is 108 bytes on Linux and 104 on macOS, with the closing zero. */
const SOCKET_PATH_BYTES = 103;

/**
 * Makes the server listen on a unix socket of mode 0600, in a folder of mode 0700 if it has to be
 * made. A file nobody answers on is replaced; a broker that answers is left alone: rejects with
 * an OperatorError then.
 */
export async function listenOnSocket(server: Server, path: string): Promise<void> {
  if (Buffer.byteLength(path) > SOCKET_PATH_BYTES) {
    throw new OperatorError({
      code: "usage",
      message: `The socket path is longer than ${SOCKET_PATH_BYTES} bytes: ${path}`,
      nextStep: "Choose a shorter state folder.",
    });
  }
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  try {
    await listen(server, path);
  } catch (error) {
    if (!hasCode(error, "EADDRINUSE")) throw error;
    await removeStale(path);
    await listen(server, path);
  }
  await chmod(path, 0o600);
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
