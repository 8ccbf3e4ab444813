/** Surroundings a script may be in: streams that are closed, no home, nothing to write to. */
import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { spawn as spawnOnTerminal } from "@lydell/node-pty";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { Ended } from "../support/ending.ts";
import { listenTo } from "../support/ending.ts";
import type { Place } from "../support/product.ts";
import { newPlace, parseRun, runProduct, untilNothingRuns } from "../support/product.ts";

const PROGRAM = join(import.meta.dirname, "../../bin/aimie-console.js");

/** The superuser can write anywhere; a test about rights is then carried out by somebody else. */
const SOMEBODY = 12_345;
const isRoot = process.getuid?.() === 0;

/** Runs a command line of the shell in which `aimie` is the product. */
async function inShell(
  place: Place,
  line: string,
  { env = {}, unset = [], uid }: ShellOptions = {},
): Promise<Ended> {
  const shell = ["-c", `aimie() { exec "$NODE" "$PROGRAM" "$@"; }; ${line}`];
  const all = { ...place.env, ...env, NODE: process.execPath, PROGRAM };
  const child = spawn("/bin/bash", shell, {
    cwd: place.work,
    env: Object.fromEntries(Object.entries(all).filter(([name]) => !unset.includes(name))),
    stdio: ["ignore", "pipe", "pipe"],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  return await listenTo(child).ended;
}

interface ShellOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly unset?: readonly string[];
  readonly uid?: number;
}

describe("streams", () => {
  test.each([
    ["no input", "aimie run <&-"],
    ["no output", "aimie run >&-"],
    ["nothing at all", "aimie run <&- >&- 2>&-"],
  ])("%s: a run succeeds all the same", async (_, line) => {
    const place = newPlace();
    expect(await inShell(place, line)).toMatchObject({ code: 0, stderr: "" });
    const shown = await runProduct(place, ["show", "@latest", "--output", "json"]);
    expect(parseRun(shown.stdout).run.status).toBe("succeeded");
    await untilNothingRuns(place);
  });

  test("a pipe that is closed after a few letters is no error", async () => {
    const line = "aimie models --output json | head -c 5; echo $" + "{PIPESTATUS[0]}";
    expect(await inShell(newPlace(), line)).toMatchObject({ stdout: '[{"na0\n', stderr: "" });
  });

  test.runIf(existsSync("/dev/full"))("a full disk is told of, and is no success", async () => {
    const ended = await inShell(newPlace(), "aimie models --output json > /dev/full");
    expect(ended.code).toBe(2);
    expect(JSON.parse(ended.stderr)).toMatchObject({
      code: "usage",
      message: expect.stringContaining("no space left on device"),
    });
  });

  test("an error keeps its code when nobody can read it", async () => {
    expect((await inShell(newPlace(), "aimie run no-such-flow 2>&-")).code).toBe(2);
  });
});

describe("folders", () => {
  const unset = ["HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"];

  test("without HOME its own folders are enough", async () => {
    const place = newPlace();
    const ended = await inShell(place, "aimie run --output json", { unset: ["HOME"] });
    expect(ended).toMatchObject({ code: 0, stderr: "" });
    expect(readdirSync(place.work)).toEqual([]);
  });

  test("an empty HOME is none: nothing is written where one stands", async () => {
    const options = { unset, env: { HOME_EMPTY: "" } };
    const ended = await inShell(newPlace(), "HOME= aimie config --output json", options);
    expect(ended.code).toBe(0);
    const settings = z
      .array(z.looseObject({ name: z.string(), value: z.string() }))
      .parse(JSON.parse(ended.stdout));
    const folders = settings.filter(({ name }) => /Folder$/.test(name));
    expect(folders).toHaveLength(3);
    for (const { value } of folders) expect(value).toMatch(/^\//);
  });

  test.runIf(isRoot)("a user that the system does not know is told what to set", async () => {
    const place = newPlace();
    for (const folder of [place.folder, place.work]) chmodSync(folder, 0o755);
    const options = { unset, uid: SOMEBODY };
    expect(await inShell(place, "aimie --version", options)).toMatchObject({ code: 0, stderr: "" });
    const refused = await inShell(place, "aimie run --output json", options);
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(JSON.parse(refused.stderr)).toMatchObject({
      code: "usage",
      nextStep: expect.stringContaining("set HOME"),
    });
  });

  test.each(["run", "show @latest", "up --detach", "run --detach", "broker", "dead-letters"])(
    "a state folder that cannot be written to is named by %s",
    async (verb) => {
      const place = newPlace();
      mkdirSync(place.state, { recursive: true });
      for (const folder of [place.folder, place.work, join(place.state, "..")]) {
        chmodSync(folder, 0o755);
      }
      chmodSync(place.state, 0o555);
      const uid = isRoot ? { uid: SOMEBODY } : {};
      const env = { XDG_CACHE_HOME: place.state };
      const refused = await inShell(place, `aimie ${verb} --output json`, { env, ...uid });
      expect(refused).toMatchObject({ code: 2, stdout: "" });
      expect(JSON.parse(refused.stderr)).toMatchObject({
        code: "usage",
        message: expect.stringContaining(place.state),
        nextStep: expect.stringContaining("writable"),
      });
      chmodSync(place.state, 0o755);
    },
  );
});

test("a locale that is not Unicode changes no code and no JSON", async () => {
  const place = newPlace();
  const env = { LC_ALL: "C", LANG: "de_DE.ISO-8859-1" };
  const ended = await inShell(place, "aimie run --output json", { env });
  expect(ended).toMatchObject({ code: 0, stderr: "" });
  expect(parseRun(ended.stdout).answer).toMatch(/^“infectious” peaks/);
});

test("a terminal without columns: lines come out whole, and the screen can be left", async () => {
  const place = newPlace();
  const shown = await onTerminal(place, `run --question "What is the peak of infectious?"`);
  expect(shown).toMatch(/answer: .*2,190/);
  expect(shown).toMatch(/code 0\r?\n$/);
  const screen = await onTerminal(place, "", "q");
  expect(screen.split("\u001B[?1049l").at(-1)).toMatch(/code 0\r?\n$/);
  expect(existsSync(place.state)).toBe(true);
});

/** What the product writes on a terminal of no size; `key` is pressed when the screen is there. */
async function onTerminal(place: Place, args: string, key?: string): Promise<string> {
  const line = `stty cols 0 rows 0; "${process.execPath}" "${PROGRAM}" ${args}; echo code $?`;
  const env = { ...place.env, TERM: "xterm-256color" };
  const pty = spawnOnTerminal("/bin/bash", ["-c", line], { cwd: place.work, env });
  let output = "";
  let pressed = key === undefined;
  pty.onData((data) => {
    output += data;
    if (pressed || key === undefined || !output.includes("\u001B[?1049h")) return;
    pressed = true;
    pty.write(key);
  });
  await new Promise<void>((resolve) => pty.onExit(() => resolve()));
  return output;
}
