import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { spawn } from "@lydell/node-pty";
import headless from "@xterm/headless";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";

const program = fileURLToPath(new URL("../fixtures/programs/console-screen.ts", import.meta.url));
let folder: string;
let bundle: string;

beforeAll(async () => {
  // Inside the project, so that the bundle finds the packages it leaves out.
  folder = await mkdtemp(
    join(fileURLToPath(new URL("../..", import.meta.url)), "node_modules/.screen-"),
  );
  bundle = join(folder, "screen.mjs");
  await build({
    entryPoints: [program],
    outfile: bundle,
    bundle: true,
    platform: "node",
    format: "esm",
    jsx: "automatic",
    packages: "external",
    logLevel: "error",
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Ending {
  readonly output: string;
  readonly alternate: boolean;
  readonly cursorShown: boolean;
  readonly sttyBefore: string;
  readonly sttyAfter: string;
  readonly lines: readonly string[];
}

/** Runs the screen in a shell on a pseudo terminal and ends it by `end` once `sees` appears. */
async function ending(
  how: string,
  sees: string,
  end: (
    terminal: { write(text: string): void; kill(signal: string): void },
    onOutput: (listener: (output: string) => void) => void,
  ) => void,
  afterwards = "",
): Promise<Ending> {
  const script = [
    "for row in 1 2 3 4 5 6 7 8; do echo before $row; done",
    "stty -a > before.txt",
    `"${process.execPath}" "${bundle}" ${how} & child=$!; echo $child > pid.txt; fg >/dev/null 2>&1 || wait $child`,
    afterwards,
    "stty -a > after.txt; echo; echo shell is back; cat before.txt; echo ======; cat after.txt; echo done",
  ].join("\n");
  const work = await mkdtemp(join(tmpdir(), "terminal-"));
  const pty = spawn("/bin/bash", ["-m", "-c", script], {
    cols: 90,
    rows: 40,
    cwd: work,
    env: { PATH: "/usr/bin:/bin", HOME: work, TERM: "xterm-256color", NODE_ENV: "production" },
  });
  const terminal = new headless.Terminal({ cols: 90, rows: 40, allowProposedApi: true });
  let output = "";
  let ended = false;
  let listener = (_output: string): void => undefined;
  const finished = new Promise<void>((resolve) => {
    pty.onData((data) => {
      output += data;
      terminal.write(data);
      if (!ended && output.includes(sees)) {
        ended = true;
        const terminal = {
          write: (text: string) => pty.write(text),
          kill(signal: string) {
            spawn("/bin/sh", ["-c", `kill -${signal} $(cat pid.txt)`], { cwd: work });
          },
        };
        end(terminal, (given) => {
          listener = given;
        });
      }
      listener(output);
    });
    pty.onExit(() => resolve());
  });
  await finished;
  await new Promise<void>((resolve) => terminal.write("", resolve));
  const { active } = terminal.buffer;
  const lines = Array.from({ length: active.length }, (_, row) =>
    (active.getLine(row)?.translateToString(true) ?? "").trimEnd(),
  );
  await rm(work, { recursive: true, force: true });
  const [, settings = ""] = output.split("shell is back");
  const [sttyBefore = "", sttyAfter = ""] = settings.replace("done", "").split("======");
  return {
    output,
    alternate: active.type === "alternate",
    cursorShown: output.lastIndexOf("\u001B[?25h") > output.lastIndexOf("\u001B[?25l"),
    sttyBefore: sttyBefore.trim(),
    sttyAfter: sttyAfter.trim(),
    lines,
  };
}

function expectRestored(left: Ending): void {
  expect(left.output).toContain("\u001B[?1049h");
  expect(left.alternate).toBe(false);
  expect(left.cursorShown).toBe(true);
  const kept = left.lines.filter((line) => line.startsWith("before "));
  expect(kept).toEqual(Array.from({ length: 8 }, (_, index) => `before ${index + 1}`));
  expect(left.output.lastIndexOf("\u001B[?2004l")).toBeGreaterThan(
    left.output.lastIndexOf("\u001B[?2004h"),
  );
  expect(left.sttyBefore).toContain("icanon");
  expect(left.sttyAfter).toBe(left.sttyBefore);
}

test("gives the terminal back after q", async () => {
  const left = await ending("wait", "Welcome", (terminal) => terminal.write("q"));

  expectRestored(left);
  expect(left.lines).toContain("left by quit");
});

test("gives the terminal back after ctrl-c", async () => {
  expectRestored(await ending("wait", "Welcome", (terminal) => terminal.write("\u0003")));
});

test.each(["TERM", "HUP"])("gives the terminal back after SIG%s", async (signal) => {
  expectRestored(await ending("wait", "Welcome", (terminal) => terminal.kill(signal)));
});

test("gives the terminal back after an error nobody caught, and shows the error", async () => {
  const left = await ending("throw", "Welcome", () => undefined);

  expectRestored(left);
  expect(left.lines.join("\n")).toContain("thrown outside of the screen");
});

test("stays usable when a pane cannot be drawn", async () => {
  const left = await ending("render", "This is a bug", (terminal) => terminal.write("q"));

  expectRestored(left);
  expect(left.lines).toContain("left by quit");
});

test("lends the terminal to an editor, takes it back, and gives it back at the end", async () => {
  // The editor writes down what it was given, and ends when a line was typed into it.
  const editor = "sh -c 'stty -a > editor.txt; echo EDITING; read line; echo heard \\$line' --";
  let told = "";
  const left = await ending(`edit "${editor}"`, "1 Flow", (terminal, onOutput) => {
    const steps = [
      { sees: "1 Flow", write: "e" },
      { sees: "EDITING", write: "hello\n" },
      { sees: "nothing was changed", write: "q" },
    ];
    onOutput((output) => {
      const step = steps[0];
      if (step === undefined || !output.includes(step.sees)) return;
      steps.shift();
      told += step.sees;
      terminal.write(step.write);
    });
  });

  expect(told).toBe("1 FlowEDITINGnothing was changed");
  expect(left.output).toContain("heard hello");
  expectRestored(left);
  expect(left.lines).toContain("left by quit");
  // The editor had the normal screen: it was left before and entered again afterwards.
  const beforeEditor = left.output.slice(0, left.output.indexOf("EDITING"));
  expect(beforeEditor.lastIndexOf("\u001B[?1049l")).toBeGreaterThan(
    beforeEditor.lastIndexOf("\u001B[?1049h"),
  );
  const afterEditor = left.output.slice(left.output.indexOf("heard hello"));
  expect(afterEditor.indexOf("\u001B[?1049h")).toBeGreaterThan(0);
});

test("goes behind the shell with ctrl-z and comes back with fg", async () => {
  const inTheShell = "stty -a > shell.txt; echo IN THE SHELL; read line; echo heard $line; fg";
  let told = "";
  const left = await ending(
    "wait",
    "Welcome",
    (terminal, onOutput) => {
      const steps = [
        { sees: "Welcome", write: "\u001A" },
        { sees: "IN THE SHELL", write: "hello\n" },
        { sees: "Welcome", write: "q" },
      ];
      let seen = 0;
      onOutput((output) => {
        const step = steps[0];
        if (step === undefined || !output.slice(seen).includes(step.sees)) return;
        seen = output.length;
        steps.shift();
        told += `${step.sees} `;
        terminal.write(step.write);
      });
    },
    `${inTheShell} >/dev/null; cmp before.txt shell.txt && echo the shell had its terminal`,
  );

  expect(told).toBe("Welcome IN THE SHELL Welcome ");
  expect(left.output).toContain("heard hello");
  expect(left.output).toContain("the shell had its terminal");
  const before = left.output.slice(0, left.output.indexOf("IN THE SHELL"));
  expect(before.lastIndexOf("\u001B[?1049l")).toBeGreaterThan(before.lastIndexOf("\u001B[?1049h"));
  expectRestored(left);
  expect(left.lines).toContain("left by quit");
});

test("gives the terminal back after SIGKILL, and says what happened", async () => {
  const untilRestored = "while stty -a | grep -q -e -icanon; do sleep 0.02; done";
  const left = await ending(
    "guarded",
    "Welcome",
    (terminal) => terminal.kill("KILL"),
    untilRestored,
  );

  expectRestored(left);
  expect(left.lines.join("\n")).toContain("its terminal is restored");
});

test("leaves nothing for the guard to do when it ends by itself", async () => {
  const left = await ending("guarded", "Welcome", (terminal) => terminal.write("q"));

  expectRestored(left);
  expect(left.lines).toContain("left by quit");
  expect(left.output).not.toContain("its terminal is restored");
});
