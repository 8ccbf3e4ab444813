import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readDescription } from "../../src/engines/command-model/description.ts";
import { invocationOf, valuesOf } from "../../src/engines/command-model/invocation.ts";
import { createRowReader } from "../../src/engines/command-model/read-rows.ts";
import { runCommandModel } from "../../src/engines/command-model/run-command-model.ts";
import type { OpenedModel } from "../../src/engines/command-model/trust.ts";
import {
  filesOf,
  isTrusted,
  openCommandModel,
  showCommand,
  trustModel,
  wholeCommand,
} from "../../src/engines/command-model/trust.ts";
import { isAlive } from "../support/is-alive.ts";
import { waitUntil } from "../support/wait-until.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "command-model-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A model whose program is a line of JavaScript. */
function modelOf(script: string, more = ""): OpenedModel {
  const file = join(folder, "mine.yaml");
  const command = JSON.stringify([process.execPath, "-e", script]);
  writeFileSync(file, `command-model: 1\ntitle: Mine\ncommand: ${command}\n${more}`);
  const opened = openCommandModel(file);
  if (!opened.ok) throw new Error(opened.error.message);
  return opened.value;
}

const context = { environment: { PATH: process.env["PATH"] ?? "" } };

async function outcomeOf(script: string, more = "", given = {}) {
  const opened = modelOf(script, more);
  const values = valuesOf(opened.model, given);
  if (!values.ok) throw new Error(values.error.message);
  return await runCommandModel(opened, values.value, context);
}

describe("a description", () => {
  test.each([
    ["title: x\n", "command-model"],
    ["command-model: 2\ntitle: x\ncommand: [a]\n", "(line 1)"],
    ["command-model: 1\ntitle: x\ncommand: []\n", "(line 3)"],
    ["command-model: 1\ntitle: x\ncommand: a b c\n", "(line 3)"],
    ["command-model: 1\ntitle: x\ncommand: [a]\nshell: true\n", "shell"],
    ["command-model: 1\ntitle: x\ncommand: [a, '{b}']\n", "there is no parameter `b` (line 3)"],
    ["command-model: 1\ntitle: x\ncommand: ['']\n", "no name"],
    [
      "command-model: 1\ntitle: x\ncommand: ['{b}']\nparameters: { b: { default: 1 } }\n",
      "cannot depend on a parameter",
    ],
    [
      "command-model: 1\ntitle: x\ncommand: [a]\nparameters: { b: { default: 1, max: 0 } }\n",
      "outside min and max",
    ],
    ["command-model: 1\ntitle: x\noutput: parquet\ncommand: [a]\n", "name it as {output} (line 4)"],
    [
      "command-model: 1\ntitle: x\noutput: parquet\ncommand: [a, '{output}']\nparameters: { output: { default: 1 } }\n",
      "give the parameter another name",
    ],
    ["command-model: 1\ntitle: x\ncommand: [a, '{output}']\n", "no parameter `output`"],
    ["command-model: 1\ntitle: 'x\n", "Not valid YAML"],
    ["", "The file"],
  ])("%j is refused with its place", (text, said) => {
    const read = readDescription(text);
    expect(read).toMatchObject({ ok: false, error: { kind: "invalid-input" } });
    expect(!read.ok && read.error.message).toContain(said);
  });

  test("never throws, whatever the text", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        readDescription(text);
        readDescription(`command-model: 1\ntitle: x\ncommand: [${text}]`);
      }),
    );
  });
});

describe("parameters", () => {
  const described = readDescription(`
command-model: 1
title: x
command: [run, "--in={folder}", "{a};rm -rf /"]
parameters:
  a: { default: 1 }
  b: { default: 2, flag: --b }
  c: { default: 3, env: C }
  d: { default: 4, min: 0, max: 9 }
`);
  if (!described.ok) throw new Error(described.error.message);
  const model = described.value;

  test("go to their word, flag or variable, and else to the standard input", () => {
    const values = valuesOf(model, { a: 0.1, d: 5 });
    expect(
      values.ok && invocationOf(model, values.value, { folder: "/models", file: "/scratch/out" }),
    ).toEqual({
      program: "run",
      words: ["--in=/models", "0.1;rm -rf /", "--b", "2"],
      variables: { C: "3" },
      input: '{"d":5}\n',
    });
  });

  test.each([
    [{ x: 1 }, "no parameter `x`"],
    [{ d: 10 }, "cannot be 10"],
    [{ a: Number.NaN }, "cannot be NaN"],
    [{ toString: 1 }, "no parameter `toString`"],
  ])("%j is refused", (given, said) => {
    const values = valuesOf(model, given);
    expect(!values.ok && values.error.message).toContain(said);
  });
});

describe("a table", () => {
  const read = (form: "csv" | "jsonl", ...pieces: readonly string[]) => {
    const reader = createRowReader(form);
    for (const piece of pieces) reader.push(piece);
    const table = reader.finish();
    return table.ok ? Object.fromEntries(table.value) : table.error.message;
  };

  test("is the same, however its text is cut", () => {
    const text = '\uFEFFtime,"a ""b"", c",d\r\n0,1,2\r\n\r\n1e0, -0.5 ,"3"';
    const whole = { time: [0, 1], 'a "b", c': [1, -0.5], d: [2, 3] };
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(text.length), (one, other) => {
        const [first = 0, second = 0] = [one, other].sort((a, b) => a - b);
        const pieces = [text.slice(0, first), text.slice(first, second), text.slice(second)];
        expect(read("csv", ...pieces)).toEqual(whole);
      }),
    );
  });

  test("can be a JSON object in each line", () => {
    expect(read("jsonl", '{"a":1,"time":0}\n{"time":2,"a":3}\n')).toEqual({
      a: [1, 3],
      time: [0, 2],
    });
  });

  test.each([
    ["csv", "", "no rows"],
    ["csv", "time,a\n", "no rows"],
    ["csv", "t,a\n0,1\n", "no column `time`"],
    ["csv", "time\n0\n", "no column besides"],
    ["csv", "time,a,A\n0,1,2\n", "two columns `A`"],
    ["csv", "time,a\n0,1\n1\n", "line 3: it has 1 values"],
    ["csv", "time,a\n0,nan\n", "line 2: `a` is not a finite number"],
    ["csv", "time,a\n0,\n", "`a` is not a finite number"],
    ["csv", "time,a\n0,Infinity\n", "`a` is not a finite number"],
    ["csv", "time,a\n0,1\n0,1\n", "the time 0 is not after 0"],
    ["csv", 'time,"a\n0,1\n', "a quote is not closed"],
    ["jsonl", "[1]\n", "no JSON object"],
    ["jsonl", '{"time":0,"a":null}\n', "`a` is not a finite number"],
    ["jsonl", '{"time":0,"a":1}\n{"time":1,"a":1,"b":1}\n', "the first line has no `b`"],
    ["csv", "x".repeat(1_000_001), "longer than"],
  ] as const)("%s %j is refused", (form, text, said) => {
    expect(read(form, text)).toContain(said);
  });
});

describe("a program", () => {
  test("is given its parameters and gives its table", async () => {
    const script = `
      let text = "";
      process.stdin.on("data", (part) => { text += part; }).on("end", () => {
        const { c } = JSON.parse(text);
        console.log("time,a,b,c\\n0," + [process.argv.at(-1), process.env.B, c].join());
      });`;
    const more = `
parameters:
  a: { default: 1, flag: "-" }
  b: { default: 2, env: B }
  c: { default: 3 }
`;
    const result = await outcomeOf(script, more, { a: 7 });
    expect(result.ok && Object.fromEntries(result.value)).toEqual({
      time: [0],
      a: [7],
      b: [2],
      c: [3],
    });
  });

  test("sees no variable but those it is meant to see", async () => {
    const script =
      "console.log('time,count\\n0,' + Object.keys(process.env).filter((name) => /^AIMIE|KEY|TOKEN|^XDG/.test(name)).length)";
    const result = await outcomeOf(script);
    expect(result.ok && result.value.get("count")).toEqual([0]);
  });

  test.each([
    [
      "that fails",
      "console.error('no such \\u001b[31mcar'); process.exit(3)",
      "",
      "tool",
      "exit code 3: no such  [31mcar",
    ],
    ["that is killed", "process.kill(process.pid, 'SIGKILL')", "", "tool", "signal SIGKILL"],
    ["without a table", "console.log('hello')", "", "tool", "no column `time`"],
    ["with NaN", "console.log('time,a\\n0,' + NaN)", "", "tool", "`a` is not a finite number"],
    ["that never ends", "setInterval(() => {}, 1000)", "timeout: 0.5\n", "timeout", "within 0.5 s"],
    [
      "that does not want to end",
      "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)",
      "timeout: 0.5\n",
      "timeout",
      "within 0.5 s",
    ],
    [
      "that prints for ever",
      "let t = 0; process.stdout.write('time,a\\n'); const go = () => { let text = ''; for (let i = 0; i < 1000; i += 1) text += t++ + ',1\\n'; process.stdout.write(text, go); }; go();",
      "output-limit: 1\n",
      "tool",
      "more than 1 MiB",
    ],
    [
      "that complains for ever",
      "const go = () => process.stderr.write('x'.repeat(1000), go); go();",
      "timeout: 0.5\n",
      "timeout",
      "within 0.5 s",
    ],
  ])("%s is a failure", async (_, script, more, kind, said) => {
    const result = await outcomeOf(script, more);
    expect(result).toMatchObject({ ok: false, error: { kind } });
    expect(!result.ok && result.error.message).toContain(said);
  });

  test("that is not there is a failure that says so", async () => {
    const opened = modelOf("");
    const model = { ...opened.model, command: ["no-such-program-at-all"] };
    const result = await runCommandModel({ ...opened, model }, {}, context);
    expect(!result.ok && result.error.message).toContain("not installed, or not on PATH");
  });

  /** Starts a program of its own, and leaves its number in the folder. */
  const starting = (after: string): string =>
    `const { pid } = require("node:child_process").spawn("sleep", ["300"], { stdio: "ignore" });
    require("node:fs").writeFileSync("pid", String(pid)); ${after}`;

  test.each([
    ["its time is over", starting("setInterval(() => {}, 1000)"), "timeout"],
    ["it fails", starting("process.exit(1)"), "tool"],
  ])("takes along what it has started when %s", async (_, script, kind) => {
    const result = await outcomeOf(script, "timeout: 1\nwork-in: folder\n");
    expect(result).toMatchObject({ ok: false, error: { kind } });
    const pid = Number(readFileSync(join(folder, "pid"), "utf8"));
    expect(pid).toBeGreaterThan(1);
    await waitUntil("what it has started is gone", () => !isAlive(pid));
  });

  test("may print as many bytes as its limit says, whatever the letters", async () => {
    const script = `const name = "é".repeat(190);
      for (let time = 0; time < 3500; time += 1) console.log(JSON.stringify({ time, [name]: 1 }));`;
    const result = await outcomeOf(script, "output: jsonl\noutput-limit: 1\n");
    expect(!result.ok && result.error.message).toContain("more than 1 MiB");
    expect(await outcomeOf(script, "output: jsonl\noutput-limit: 2\n")).toMatchObject({ ok: true });
  });

  test("that was changed after it was opened is not run, and while it ran not believed", async () => {
    const opened = modelOf("require('node:fs').writeFileSync('ran', '')", "work-in: folder\n");
    appendFileSync(join(folder, "mine.yaml"), "# a change\n");
    const refused = await runCommandModel(opened, {}, context);
    expect(refused).toMatchObject({ ok: false, error: { kind: "invalid-input" } });
    expect(readdirSync(folder)).not.toContain("ran");

    const script = `require("node:fs").appendFileSync("mine.yaml", "# a change");
      console.log("time,a"); console.log("0,1");`;
    const result = await outcomeOf(script, "work-in: folder\n");
    expect(!result.ok && result.error.message).toContain("changed while it was run");
  });

  test("ends when it is cancelled", async () => {
    const controller = new AbortController();
    const opened = modelOf("console.error('progress 0.5 half'); setInterval(() => {}, 1000)");
    const told: unknown[] = [];
    const result = await runCommandModel(
      opened,
      {},
      {
        ...context,
        signal: controller.signal,
        onProgress: (fraction, message) => {
          told.push([fraction, message]);
          controller.abort();
        },
      },
    );
    expect(result).toMatchObject({ ok: false, error: { kind: "cancelled" } });
    expect(told).toEqual([[0.5, "half"]]);
  });

  test("works in an empty folder, or in that of its file", async () => {
    const script = "console.log('time,files\\n0,' + require('node:fs').readdirSync('.').length)";
    const scratch = await outcomeOf(script);
    const own = await outcomeOf(script, "work-in: folder\n");
    expect(scratch.ok && scratch.value.get("files")).toEqual([0]);
    expect(own.ok && own.value.get("files")).toEqual([readdirSync(folder).length]);
  });
});

describe("trust", () => {
  const trustFile = (): string => join(folder, "state", "trusted.json");

  test("is given to a command that is shown whole, however long it is", () => {
    const command = ["echo", "x".repeat(4000), "the end"];
    expect(wholeCommand({ command })).toMatch(/ "the end"$/);
    expect(showCommand({ command })).toHaveLength(3000);
    expect(showCommand({ command })).toMatch(/…$/);
  });

  test("holds for what was looked at, until the file changes", () => {
    const before = modelOf("1");
    expect(isTrusted(trustFile(), before)).toBe(false);
    trustModel(trustFile(), before);
    expect(isTrusted(trustFile(), modelOf("1"))).toBe(true);
    expect(isTrusted(trustFile(), modelOf("2"))).toBe(false);
  });

  test("ends when a file changes that the command names", () => {
    const file = join(folder, "mine.yaml");
    writeFileSync(file, 'command-model: 1\ntitle: x\ncommand: [sh, "{folder}/run.sh"]\n');
    expect(openCommandModel(file)).toMatchObject({ ok: false, error: { kind: "invalid-input" } });
    const openWith = (script: string): OpenedModel => {
      writeFileSync(join(folder, "run.sh"), script);
      const opened = openCommandModel(file);
      if (!opened.ok) throw new Error(opened.error.message);
      return opened.value;
    };
    trustModel(trustFile(), openWith("echo 1"));
    expect(isTrusted(trustFile(), openWith("echo 1"))).toBe(true);
    expect(isTrusted(trustFile(), openWith("echo 2"))).toBe(false);
  });

  test.each(["sim.py", "--script={folder}/sim.py", "--script=sim.py", "./sim.py"])(
    "ends when a file changes that the command names as %s",
    (word) => {
      const file = join(folder, "mine.yaml");
      const text = `command-model: 1\ntitle: x\nwork-in: folder\ncommand: [python3, "${word}"]\n`;
      writeFileSync(file, text);
      const openWith = (program: string): OpenedModel => {
        writeFileSync(join(folder, "sim.py"), program);
        const opened = openCommandModel(file);
        if (!opened.ok) throw new Error(opened.error.message);
        return opened.value;
      };
      trustModel(trustFile(), openWith("print(1)"));
      expect(isTrusted(trustFile(), openWith("print(1)"))).toBe(true);
      expect(isTrusted(trustFile(), openWith("print(2)"))).toBe(false);
    },
  );

  test("words that are no files of the folder say nothing", () => {
    mkdirSync(join(folder, "include"));
    const command = ["sh", "-c", "x".repeat(5000), "-I{folder}/include", "{rate}", "\0", "a/../.."];
    expect(filesOf({ command }, folder)).toEqual([]);
  });

  test.each(["{folder}/../../../../../../dev/zero", "{folder}/."])(
    "is not asked for what is no file: %s",
    (word) => {
      const file = join(folder, "mine.yaml");
      writeFileSync(file, `command-model: 1\ntitle: x\ncommand: [sh, "${word}"]\n`);
      const opened = openCommandModel(file);
      expect(!opened.ok && opened.error.message).toContain("is not a file");
    },
  );

  test("is not given by a list that cannot be read", () => {
    const opened = modelOf("1");
    writeFileSync(join(folder, "list"), `{"${opened.fingerprint}":`);
    expect(isTrusted(join(folder, "list"), opened)).toBe(false);
  });
});

test("the shipped example is a valid description", () => {
  expect(openCommandModel(resolve("models/reed-frost.yaml"))).toMatchObject({ ok: true });
});
