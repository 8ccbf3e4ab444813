import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { openProgramSession } from "../../src/agents/custom/program-session.ts";
import type { ToolCall, ToolSession } from "../../src/agents/runtime/tool-session.ts";
import { openCustomAgent } from "../../src/engines/custom-agent/manifest.ts";
import { parseFlow } from "../../src/orchestrator/flow-file.ts";
import type { Failure } from "../../src/protocol/failure.ts";
import { isAlive } from "../support/is-alive.ts";
import { waitUntil } from "../support/wait-until.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "custom-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const VALID = `custom-agent: 1
description: Counts words.
command: ["{node}", "{folder}/agent.mjs"]
input: { type: object, required: [text], properties: { text: { type: string } } }
output: { type: object, properties: { words: { type: integer } } }
`;

function openWritten(text: string, name = "words") {
  const place = join(folder, name);
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, "agent.mjs"), "// The program.");
  writeFileSync(join(place, "agent.yaml"), text);
  return openCustomAgent(join(place, "agent.yaml"));
}

describe("a manifest", () => {
  test("says which program plays the agent, and what fits its schemas", () => {
    const opened = openWritten(VALID);
    if (!opened.ok) throw new Error(opened.error.message);
    expect(opened.value).toMatchObject({ name: "words", manifest: { concurrency: 1 } });
    const { inputSchema } = opened.value;
    expect(inputSchema.safeParse({ text: "a" }).success).toBe(true);
    expect(inputSchema.safeParse({ text: 1 }).error?.issues[0]?.path).toEqual(["text"]);
    expect(inputSchema.safeParse({}).success).toBe(false);
    expect(inputSchema.safeParse(null).success).toBe(false);
  });

  test("has another fingerprint when the program changes", () => {
    const before = openWritten(VALID);
    writeFileSync(join(folder, "words", "agent.mjs"), "// Another program.");
    const after = openCustomAgent(join(folder, "words", "agent.yaml"));
    if (!before.ok || !after.ok) throw new Error("both are valid");
    expect(after.value.fingerprint).not.toBe(before.value.fingerprint);
  });

  test.each<[string, string, RegExp]>([
    ["no YAML", "custom-agent: [1", /Not valid YAML \(line 1\)/],
    ["nothing", "", /The file: /],
    ["no version", VALID.replace("custom-agent: 1\n", ""), /custom-agent: .*\(line 1\)/],
    ["no command", VALID.replace(/command.*\n/, ""), /command: /],
    [
      "a shell line",
      VALID.replace(/command.*/, "command: node agent.mjs"),
      /command: .*\(line 3\)/,
    ],
    ["an unknown key", `${VALID}topics: x\n`, /topics/],
    [
      "an input that is no object",
      VALID.replace("input: { type: object", "input: { type: string"),
      /input.type: the schema is one of an object.*\(line 4\)/,
    ],
    [
      "a schema that is none",
      VALID.replace("{ type: integer }", "{ type: wholly }"),
      /output: this JSON Schema/,
    ],
    ["a program that is not there", VALID.replace("agent.mjs", "absent.mjs"), /absent\.mjs/],
    ["much concurrency", `${VALID}concurrency: 1000\n`, /concurrency: .*\(line 6\)/],
  ])("with %s is refused with its place", (_, text, message) => {
    const opened = openWritten(text);
    expect(opened.ok ? "" : opened.error.message).toMatch(message);
    expect(opened.ok ? "" : opened.error.nextStep).toContain("docs/AGENTS.md");
  });

  test.each(["qna", "orchestrator", "Words", "w", "my words"])(
    "in a folder called %s is refused",
    (name) => {
      expect(openWritten(VALID, name)).toMatchObject({ ok: false });
    },
  );
});

describe("a flow", () => {
  const FLOW = `name: own
steps:
  count:
    agent: words
    input: { text: hello, loud: true }
`;
  const words = { name: "words", inputs: ["text"], required: ["text"] };

  test("may name an agent there is, with the inputs it knows", () => {
    expect(parseFlow(FLOW.replace(", loud: true", ""), [words])).toMatchObject({ ok: true });
    expect(parseFlow(FLOW, [{ ...words, inputs: undefined }])).toMatchObject({ ok: true });
    expect(parseFlow(FLOW, "any")).toMatchObject({ ok: true });
  });

  test.each<[string, string, Parameters<typeof parseFlow>[1], number, RegExp]>([
    ["an unknown agent", FLOW, [], 4, /unknown agent; the agents are simulation, qna, viz/],
    ["an unknown input", FLOW, [words], 5, /agent words has no input "loud"/],
    ["no required input", FLOW.replace("text: hello, ", ""), [words], 5, /lacks the input "text"/],
    [
      "an agent that cannot be used",
      FLOW,
      [{ ...words, problem: { message: "not trusted", remedy: "trust it" } }],
      4,
      /not trusted/,
    ],
  ])("with %s is refused with its line", (_, text, agents, line, message) => {
    const parsed = parseFlow(text, agents);
    expect(parsed.ok ? [] : parsed.error[0]).toMatchObject({
      line,
      message: expect.stringMatching(message),
    });
  });
});

/** Answers tasks by what their input asks for. */
const PROGRAM = `
import { createInterface } from "node:readline";
const write = (message) => process.stdout.write(JSON.stringify(message) + "\\n");
for await (const line of createInterface({ input: process.stdin })) {
  const { type, id, input } = JSON.parse(line);
  if (type === "cancel" && id !== 1) continue;
  if (type === "cancel") { write({ type: "failure", id, message: "let go" }); continue; }
  if (input.does === "pid") write({ type: "result", id, output: { pid: process.pid } });
  if (input.does === "spawn") {
    const { spawn } = await import("node:child_process");
    write({ type: "result", id, output: { pid: spawn("sleep", ["300"], { stdio: "ignore" }).pid } });
  }
  if (input.does === "chat") {
    console.log("hello"); console.error("a complaint"); console.log("{ no json");
    write({ type: "progress", id, fraction: 0.5, message: "half" });
    write({ type: "result", id: 999, output: {} });
    write({ type: "result", id, output: { done: true } });
  }
  if (input.does === "fail") write({ type: "failure", id, message: "cannot", nextStep: "try less" });
  if (input.does === "die") { console.error("my last words"); process.exit(3); }
  if (input.does === "flood") process.stdout.write("x".repeat(3_000_000));
}
`;

describe("a program", () => {
  const logged: string[] = [];
  let session: ToolSession;
  let distrusted: Failure | undefined;
  beforeEach(() => {
    logged.length = 0;
    distrusted = undefined;
    writeFileSync(join(folder, "agent.mjs"), PROGRAM);
    session = openSession(["agent.mjs"]);
  });
  afterEach(() => session.close());

  function openSession(words: readonly string[], program = process.execPath) {
    const vet = () => distrusted;
    return openProgramSession({ program, words, folder, environment: {}, vet }, (_, text) =>
      logged.push(text),
    );
  }

  function call(does: string, more: Partial<ToolCall> = {}) {
    return session.call({
      tool: "words",
      arguments: { does },
      timeoutMs: 60_000,
      signal: new AbortController().signal,
      onProgress: () => undefined,
      ...more,
    });
  }

  test("answers tasks, tells progress, and whatever else it prints is logged", async () => {
    const progress: unknown[] = [];
    const onProgress = (fraction: number | null, message: string) =>
      progress.push([fraction, message]);
    expect(await call("chat", { onProgress })).toEqual({ ok: true, value: { done: true } });
    expect(progress).toEqual([[0.5, "half"]]);
    await waitUntil("the complaint is logged", () => logged.includes("program: a complaint"));
    expect(logged).toContain("program: hello");
    expect(logged).toContain("program: { no json");
  });

  test("stays for the next task, and is started again after it has ended", async () => {
    const first = await call("pid");
    expect(await call("pid")).toEqual(first);
    expect(await call("die")).toMatchObject({
      ok: false,
      error: {
        kind: "tool",
        message: expect.stringMatching(/ended with exit code 3/),
      },
    });
    const next = await call("pid");
    expect(next.ok).toBe(true);
    expect(next).not.toEqual(first);
  });

  test("may fail a task and go on", async () => {
    expect(await call("fail")).toEqual({
      ok: false,
      error: { kind: "tool", message: "cannot", nextStep: "try less" },
    });
    expect(await call("pid")).toMatchObject({ ok: true });
  });

  test("is let go of at once when a task is cancelled, and killed when it holds on to it", async () => {
    const before = await call("pid"); // Task 1; it lets go of that number alone.
    const stop = new AbortController();
    const held = call("nothing", { signal: stop.signal });
    stop.abort(new Error("no longer wanted"));
    expect(await held).toMatchObject({ ok: false, error: { kind: "cancelled" } });
    await waitUntil("another program answers", async () => {
      const now = await call("pid");
      return now.ok && JSON.stringify(now) !== JSON.stringify(before);
    });
    expect(await call("pid", { signal: AbortSignal.abort() })).toMatchObject({
      ok: false,
      error: { kind: "cancelled" },
    });
  });

  test("that writes without end of line is ended", async () => {
    expect(await call("flood")).toMatchObject({
      ok: false,
      error: { kind: "tool", message: expect.stringContaining("ended by SIGKILL") },
    });
  });

  const CHANGED: Failure = { kind: "invalid-input", message: "it has changed" };

  test("that has changed since it was trusted is not started", async () => {
    distrusted = CHANGED;
    expect(await call("chat")).toEqual({ ok: false, error: CHANGED });
    expect(logged).toEqual([]);
    distrusted = undefined;
    expect(await call("pid")).toMatchObject({ ok: true });
  });

  test("that is found changed when it first speaks is killed, and its answer not taken", async () => {
    const answer = call("pid");
    distrusted = CHANGED;
    expect(await answer).toEqual({ ok: false, error: CHANGED });
    expect(await call("pid")).toEqual({ ok: false, error: CHANGED });
  });

  test("takes along what it has started when it is let go", async () => {
    const started = await call("spawn");
    const pid = z.object({ pid: z.int() }).parse(started.ok ? started.value : undefined).pid;
    expect(isAlive(pid)).toBe(true);
    await call("die");
    await waitUntil("its child is gone", () => !isAlive(pid));
  });

  test("that is not there is a failure, each time", async () => {
    session = openSession([], join(folder, "absent"));
    for (const attempt of [1, 2]) {
      const failed = await call("pid");
      expect(failed, `attempt ${attempt}`).toMatchObject({
        ok: false,
        error: { kind: "tool", message: expect.stringContaining("ENOENT") },
      });
    }
  });
});
