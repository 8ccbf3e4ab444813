/** The console as a person sees it: the built product on a pseudo terminal. */
import { join } from "node:path";
import { spawn } from "@lydell/node-pty";
import headless from "@xterm/headless";
import { onTestFailed, onTestFinished } from "vitest";
import type { Place } from "./product.ts";
import { waitUntil } from "./wait-until.ts";

const PROGRAM = join(import.meta.dirname, "../../bin/aimie-console.js");

/** A console that is running. */
export interface ConsoleOnTerminal {
  /** Its exit code. */
  readonly ended: Promise<number>;
  /** What is on the screen now. */
  text(): string;
  press(keys: string): void;
  /** Waits until the screen shows it. */
  sees(pattern: RegExp): Promise<boolean>;
}

/** Opens the console on a terminal of 40 rows. */
export function openConsole(
  place: Place,
  args: readonly string[] = [],
  cols = 120,
): ConsoleOnTerminal {
  const terminal = new headless.Terminal({ cols, rows: 40, allowProposedApi: true });
  const pty = spawn(process.execPath, [PROGRAM, ...args], {
    cols,
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
  onTestFailed(() => {
    process.stderr.write(`\n${text()}\n`);
  });
  return {
    ended,
    text,
    press: (keys) => pty.write(keys),
    sees: (pattern) => waitUntil(`${pattern} is on the screen`, () => pattern.test(text())),
  };
}
