/** The built console in a pseudo-terminal, its screen read back from a terminal emulator. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawn } from "@lydell/node-pty";
import xterm from "@xterm/headless";

/** How long a scene may take to appear, milliseconds. */
const LONGEST_WAIT_MS = 30_000;

/** Starts a console in folders of its own, which go when it is closed. */
export function openStage({ program, columns, rows, args = [] }) {
  const folder = mkdtempSync(join(tmpdir(), "shot-"));
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  const { CI: _, NO_COLOR: __, ...environment } = process.env;
  const shown = spawn(process.execPath, [program, "--broker", "embedded", ...args], {
    cols: columns,
    rows,
    cwd: folder,
    env: {
      ...environment,
      HOME: folder,
      XDG_STATE_HOME: join(folder, "s"),
      XDG_CACHE_HOME: join(folder, "c"),
      XDG_CONFIG_HOME: join(folder, "k"),
      TERM: "xterm-256color",
      COLORTERM: "truecolor",
    },
  });
  const ended = new Promise((resolve) => shown.onExit(resolve));
  shown.onData((data) => terminal.write(data));
  terminal.onData((data) => shown.write(data));
  const screen = () => textOf(terminal);
  return {
    terminal,
    screen,
    press: (keys) => shown.write(keys),
    async until(what, found) {
      const deadline = Date.now() + LONGEST_WAIT_MS;
      while (!found(screen())) {
        if (Date.now() > deadline) throw new Error(`${what} did not appear:\n${screen()}`);
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
    },
    ended,
    close() {
      shown.kill("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function textOf({ buffer: { active }, rows }) {
  const lines = Array.from(
    { length: rows },
    (_, row) => active.getLine(active.baseY + row)?.translateToString(true) ?? "",
  );
  return lines.join("\n");
}
