/** A program on a terminal without a window, and how long it takes to answer a key. */
import { readdirSync, readFileSync } from "node:fs";
import { spawn } from "@lydell/node-pty";
import headless from "@xterm/headless";

/** Linux counts processor time in hundredths of a second. */
const MS_PER_TICK = 10;

/** A key that has not been answered by then counts with this time. */
const LOST_AFTER_MS = 3000;

/** Starts a program; `rows()` is what one would see now. */
export function startOnTerminal(program, words, { columns, rows, folder, environment }) {
  const terminal = new headless.Terminal({ cols: columns, rows, allowProposedApi: true });
  const began = performance.now();
  const child = spawn(program, words, { cols: columns, rows, cwd: folder, env: environment });
  const written = { bytes: 0, chunks: 0, firstMs: undefined };
  let waiting;
  const look = () => {
    if (waiting?.holds() === true) {
      waiting.resolve(waiting.since);
      waiting = undefined;
    }
  };
  child.onData((text) => {
    const at = performance.now();
    written.bytes += Buffer.byteLength(text);
    written.chunks += 1;
    written.firstMs ??= at - began;
    // What is written is looked at a moment later; the time is that of its arrival.
    terminal.write(text, () => {
      if (waiting !== undefined) waiting.since = at;
      look();
    });
  });
  const gone = new Promise((resolve) => child.onExit(resolve));
  const row = (index) => terminal.buffer.active.getLine(index)?.translateToString(true) ?? "";
  return {
    pid: child.pid,
    written,
    text: () => Array.from({ length: rows }, (_, index) => row(index)).join("\n"),
    /** Presses a key; answers the milliseconds until the screen holds what it leads to. */
    async press(key, holds) {
      const at = performance.now();
      const seen = new Promise((resolve) => {
        waiting = { holds, resolve, since: at };
      });
      child.write(key);
      const late = new Promise((resolve) =>
        setTimeout(() => resolve(at + LOST_AFTER_MS), LOST_AFTER_MS),
      );
      const answered = await Promise.race([seen, late]);
      waiting = undefined;
      return answered - at;
    },
    async until(holds, limitMs = 30_000) {
      const end = performance.now() + limitMs;
      while (!holds()) {
        if (performance.now() > end) throw new Error(`never seen:\n${this.text()}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    async end(key) {
      child.write(key);
      const late = new Promise((resolve) => setTimeout(resolve, 5000));
      await Promise.race([gone, late]);
      child.kill("SIGKILL");
      terminal.dispose();
    },
  };
}

/** Processor time of a process and of those it has started, milliseconds. */
export function processorMs(pid) {
  return familyOf(pid).reduce((sum, one) => sum + ticksOf(one) * MS_PER_TICK, 0);
}

/** Resident memory of a process, bytes. */
export function memoryOf(pid) {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
}

function ticksOf(pid) {
  const fields = statOf(pid);
  return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
}

function familyOf(pid) {
  const parents = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => [Number(name), Number(statOf(Number(name))[1])]);
  const found = [pid];
  for (const one of found) found.push(...parents.filter(([, of]) => of === one).map(([id]) => id));
  return found;
}

/** The fields of /proc/PID/stat from the state on; none of a process that has ended. */
function statOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1).split(" ");
  } catch {
    return [];
  }
}
