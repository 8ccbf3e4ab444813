/** Checks the folders of this user: who may read them, whether they can be written, what is free. */
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  lstatSync,
  readdirSync,
  statfsSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { errorMessage } from "../../base/error-message.ts";
import { brokerSocket, MAXIMUM_SOCKET_PATH } from "../../bus/locate-bus.ts";
import { formatBytes } from "../../ui/format.ts";
import type { Config } from "../config.ts";
import type { Finding } from "./finding.ts";
import { fail, fine, warn } from "./finding.ts";

/** Less free space than this is warned of, bytes. */
const LITTLE_SPACE = 200_000_000;

/** With less than this nothing can be kept, bytes. */
const NO_SPACE = 10_000_000;

/** Files with open modes that are named; the rest is counted. */
const NAMED_FILES = 5;

/** Checks the state folder and what is in it; with `fix` what others may read is closed to them. */
export function checkFolders(config: Config, fix: boolean): readonly Finding[] {
  const folder = config.stateFolder.value;
  const socket = brokerSocket(join(folder, "broker"), "embedded");
  const length = Buffer.byteLength(socket);
  const path =
    length <= MAXIMUM_SOCKET_PATH || config.redis.value !== undefined
      ? fine("folders", `the broker's socket path has ${length} of ${MAXIMUM_SOCKET_PATH} bytes`)
      : fail(
          "folders",
          `the broker's socket path has ${length} bytes, ${MAXIMUM_SOCKET_PATH} at most: ${socket}`,
          "set XDG_STATE_HOME to a shorter path, or give --redis URL",
        );
  return [...checkWritable(folder), path, ...checkModes(folder, fix)];
}

function checkWritable(folder: string): readonly Finding[] {
  let nearest = folder;
  while (!existsSync(nearest) && dirname(nearest) !== nearest) nearest = dirname(nearest);
  try {
    accessSync(nearest, constants.W_OK);
    const { bavail, bsize } = statfsSync(nearest);
    const free = bavail * bsize;
    const text = `${formatBytes(free)} are free for ${folder}`;
    const state = nearest === folder ? "can be written" : "will be made at the first run";
    const judge = free < NO_SPACE ? fail : free < LITTLE_SPACE ? warn : fine;
    return [fine("folders", `${folder} ${state}`), judge("folders", text, "free some space")];
  } catch (cause) {
    const remedy = "make it writable, or set XDG_STATE_HOME to a folder that is";
    return [fail("folders", `cannot write to ${nearest}: ${errorMessage(cause)}`, remedy)];
  }
}

function checkModes(folder: string, fix: boolean): readonly Finding[] {
  if (!existsSync(folder)) return [];
  const open = openPaths(folder);
  if (open.length === 0) return [fine("folders", "only their owner can read them")];
  const more = open.length > NAMED_FILES ? ` and ${open.length - NAMED_FILES} more` : "";
  const names = `${open.slice(0, NAMED_FILES).join(", ")}${more}`;
  if (!fix) {
    const remedy = "aimie-console doctor --fix, or chmod -R go-rwx the folder";
    return [warn("folders", `others may read ${names}`, remedy)];
  }
  for (const path of open) chmodSync(path, lstatSync(path).mode & 0o700);
  return [fine("folders", `closed to others: ${names}`)];
}

/** The folder and everything in it that others than the owner have any right to; links excepted. */
function openPaths(folder: string): readonly string[] {
  const all = readdirSync(folder, { recursive: true, withFileTypes: true }).map((entry) =>
    join(entry.parentPath, entry.name),
  );
  return [folder, ...all].filter((path) => {
    const found = lstatSync(path, { throwIfNoEntry: false });
    return found !== undefined && !found.isSymbolicLink() && (found.mode & 0o077) !== 0;
  });
}
