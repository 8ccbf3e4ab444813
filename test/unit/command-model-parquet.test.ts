import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ColumnSource } from "hyparquet-writer";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runCommandModel } from "../../src/engines/command-model/run-command-model.ts";
import { openCommandModel } from "../../src/engines/command-model/trust.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "parquet-model-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a model whose program is a line of JavaScript: the table is at `from`, and wanted at `to`. */
async function outcomeOf(script: string, more = "", signal?: AbortSignal) {
  const file = join(folder, "mine.yaml");
  const whole = `const fs = require("node:fs"); const [from, to] = process.argv.slice(1); ${script}`;
  const words = ["-e", whole, join(folder, "table.parquet"), "{output}"];
  const command = JSON.stringify([process.execPath, ...words]);
  writeFileSync(file, `command-model: 1\ntitle: x\noutput: parquet\ncommand: ${command}\n${more}`);
  const opened = openCommandModel(file);
  if (!opened.ok) throw new Error(opened.error.message);
  const context = { environment: { PATH: process.env["PATH"] ?? "" }, signal };
  return await runCommandModel(opened.value, {}, context);
}

function store(columnData: ColumnSource[]): void {
  writeFileSync(join(folder, "table.parquet"), Buffer.from(parquetWriteBuffer({ columnData })));
}

const COPY = "fs.copyFileSync(from, to); console.log('done');";

describe("a program that writes Parquet", () => {
  test("gives numbers of any kind, in the order of the rows", async () => {
    const time = Array.from({ length: 50_000 }, (_, row) => row / 8);
    store([
      { name: "time", data: time, type: "DOUBLE" },
      { name: "people", data: time.map((_, row) => BigInt(row)), type: "INT64" },
      { name: 'the "rate"', data: time.map((_, row) => row % 7), type: "INT32" },
    ]);

    const result = await outcomeOf(COPY);

    expect(result.ok && [...result.value.keys()]).toEqual(["time", "people", 'the "rate"']);
    expect(result.ok && result.value.get("time")).toEqual(time);
    expect(result.ok && result.value.get("people")).toEqual(time.map((_, row) => row));
    expect(result.ok && result.value.get('the "rate"')?.slice(-2)).toEqual([
      49_998 % 7,
      49_999 % 7,
    ]);
  });

  test.each<[string, ColumnSource[], string]>([
    [
      "a text where a number should be",
      [
        { name: "time", data: [0, 1], type: "DOUBLE" },
        { name: "a", data: ["1", "2"], type: "STRING" },
      ],
      "row 1: `a` is not a finite number",
    ],
    [
      "a value that is missing",
      [
        { name: "time", data: [0, 1], type: "DOUBLE" },
        { name: "a", data: [1, null], type: "DOUBLE" },
      ],
      "row 2: `a` is not a finite number",
    ],
    [
      "a time that goes back",
      [
        { name: "time", data: [1, 0], type: "DOUBLE" },
        { name: "a", data: [1, 2], type: "DOUBLE" },
      ],
      "row 2: the time 0 is not after 1",
    ],
    ["no time", [{ name: "a", data: [1], type: "DOUBLE" }], "no column `time`"],
    [
      "no rows",
      [
        { name: "time", data: [], type: "DOUBLE" },
        { name: "a", data: [], type: "DOUBLE" },
      ],
      "no rows",
    ],
  ])("is refused with %s", async (_, columns, said) => {
    store(columns);
    const result = await outcomeOf(COPY);
    expect(result).toMatchObject({ ok: false, error: { kind: "tool" } });
    expect(!result.ok && result.error.message).toContain(said);
  });

  test.each([
    ["nothing", "console.log('time,a\\n0,1')", "the program has not written it"],
    ["a link", "fs.symlinkSync(from, to)", "not a plain file"],
    ["something else", "fs.writeFileSync(to, 'time,a\\n0,1\\n')", "the file: "],
    ["too much", "fs.writeFileSync(to, Buffer.alloc(2e6))", "it has more than 1 MiB"],
    ["a table, and fails", `${COPY} process.exitCode = 3`, "exit code 3"],
  ])("is refused when it writes %s", async (_, script, said) => {
    store([
      { name: "time", data: [0], type: "DOUBLE" },
      { name: "a", data: [1], type: "DOUBLE" },
    ]);
    const result = await outcomeOf(script, "output-limit: 1\n");
    expect(result).toMatchObject({ ok: false, error: { kind: "tool" } });
    expect(!result.ok && result.error.message).toContain(said);
  });

  test("is let go of when it is cancelled", async () => {
    const control = new AbortController();
    setImmediate(() => control.abort());
    const result = await outcomeOf("setInterval(() => {}, 1000)", "", control.signal);
    expect(result).toMatchObject({ ok: false, error: { kind: "cancelled" } });
  });
});
