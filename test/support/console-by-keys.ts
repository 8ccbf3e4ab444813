/** The real console in a process of its own, on a terminal of 120×40 that a test types into. */
import { join } from "node:path";
import { spawn } from "@lydell/node-pty";
import headless from "@xterm/headless";
import { onTestFinished } from "vitest";
import type { Place } from "./product.ts";
import { waitUntil } from "./wait-until.ts";

const PROGRAM = join(import.meta.dirname, "../../bin/aimie-console.js");

/** Starts the console; the test ends it. */
export function openConsole(place: Place) {
  const terminal = new headless.Terminal({ cols: 120, rows: 40, allowProposedApi: true });
  const pty = spawn(process.execPath, [PROGRAM], {
    cols: 120,
    rows: 40,
    cwd: place.work,
    env: { ...place.env, TERM: "xterm-256color" },
  });
  const ended = new Promise<number>((resolve) => {
    pty.onExit(({ exitCode }) => resolve(exitCode));
  });
  pty.onData((data) => terminal.write(data));
  onTestFinished(() => terminal.dispose());
  const text = (): string =>
    Array.from({ length: 40 }, (_, row) =>
      (terminal.buffer.active.getLine(row)?.translateToString(true) ?? "").trimEnd(),
    ).join("\n");
  return {
    ended,
    text,
    press: (keys: string) => pty.write(keys),
    async sees(pattern: RegExp): Promise<void> {
      await waitUntil(`${pattern} is on the screen`, () => pattern.test(text())).catch((cause) => {
        throw new Error(`${pattern} is not on the screen:\n${text()}`, { cause });
      });
    },
  };
}
