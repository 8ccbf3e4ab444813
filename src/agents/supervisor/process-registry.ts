/**
 * The processes of ours, as files of a folder: who runs, since when, and who looks after it. So
 * that what was left behind can be told from a stranger's process that got the same number.
 *
 * G1 A process is known by its number and the time it began, never by its name.
 * G2 The registry is for finding what was left behind: a file that cannot be written stops nothing.
 */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";
import { makeFolder } from "../../base/make-folder.ts";
import type { Spawner } from "./spawn.ts";

const identitySchema = z.object({ pid: z.int().positive(), startedAt: z.string().min(1) });

const entrySchema = identitySchema.extend({
  version: z.literal(1),
  role: z.enum(["worker", "supervisor"]),
  /** What it runs, for people. */
  label: z.string().max(200),
  namespace: z.string().max(40),
  /** Who started it and looks after it; null for one that looks after itself. */
  owner: identitySchema.nullable(),
});

/** A process that was started by us. */
export type RegisteredProcess = z.infer<typeof entrySchema>;

/** What has become of a registered process. */
export interface FoundProcess {
  readonly entry: RegisteredProcess;
  /** `orphan`: it runs, and who looked after it does not. */
  readonly fate: "running" | "orphan" | "gone";
}

/** The registered processes of one state folder. */
export interface ProcessRegistry {
  /** Remembers a process; one that has ended already is not. */
  add(pid: number, entry: Pick<RegisteredProcess, "role" | "label">): void;
  /** Forgets a process. */
  remove(pid: number): void;
  /** Every remembered process, and what has become of it. */
  list(): readonly FoundProcess[];
}

/** Opens the registry in a folder, made with mode 0700 when something is to be remembered. */
export function openProcessRegistry(folder: string, namespace: string): ProcessRegistry {
  const fileOf = (pid: number): string => join(folder, `${pid}.json`);
  return {
    add(pid, { role, label }) {
      const startedAt = startTimeOf(pid);
      if (startedAt === undefined) return;
      const own = { pid: process.pid, startedAt: startTimeOf(process.pid) ?? "" };
      const owner = role === "worker" ? own : null;
      const entry = { version: 1, pid, startedAt, role, label, namespace, owner };
      try {
        makeFolder(folder);
        writeFileSync(fileOf(pid), JSON.stringify(entry), { mode: 0o600 });
      } catch {
        // G2
      }
    },
    remove: (pid) => rmSync(fileOf(pid), { force: true }),
    list: () => readEntries(folder).map((entry) => ({ entry, fate: fateOf(entry) })),
  };
}

/** Has every process of a spawner remembered while it runs. */
export function registeringSpawner(spawner: Spawner, registry: ProcessRegistry): Spawner {
  return (program, listener) => {
    const child = spawner(program, {
      onMessage: (message) => listener.onMessage(message),
      onLine: (line) => listener.onLine(line),
      onEnd(description, exitCode) {
        if (child.pid !== undefined) registry.remove(child.pid);
        listener.onEnd(description, exitCode);
      },
    });
    if (child.pid !== undefined) {
      registry.add(child.pid, { role: "worker", label: basename(program, ".js") });
    }
    return child;
  };
}

/**
 * When a process began, in the system's own words; undefined when it does not run. A process that
 * has ended and is not yet taken note of (a zombie) does not run.
 */
export function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in brackets may hold anything; the state follows, and 19 fields on the start time.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
  } catch {
    return process.platform === "linux" ? undefined : startTimeFromPs(pid);
  }
}

function startTimeFromPs(pid: number): string | undefined {
  try {
    const text = execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" });
    return text.trim() === "" ? undefined : text.trim();
  } catch {
    return undefined; // ps answers so when there is no such process.
  }
}

function fateOf({ pid, startedAt, owner }: RegisteredProcess): FoundProcess["fate"] {
  if (startTimeOf(pid) !== startedAt) return "gone"; // G1
  return owner === null || startTimeOf(owner.pid) === owner.startedAt ? "running" : "orphan";
}

function readEntries(folder: string): readonly RegisteredProcess[] {
  let names: readonly string[];
  try {
    names = readdirSync(folder).filter((name) => /^\d+\.json$/.test(name));
  } catch {
    return []; // Nothing was ever remembered.
  }
  return names.flatMap((name) => {
    try {
      const entry = entrySchema.parse(JSON.parse(readFileSync(join(folder, name), "utf8")));
      return name === `${entry.pid}.json` ? [entry] : [];
    } catch {
      return []; // Half written, or not ours.
    }
  });
}
