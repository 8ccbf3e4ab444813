/** Agents of the user's own: made, trusted, run, changed. */
import { spawnSync } from "node:child_process";
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { watchPrivateBus } from "../support/bus-watch.ts";
import type { Place } from "../support/product.ts";
import { BROKERS, newPlace, runProduct, startProduct } from "../support/product.ts";
import { waitUntil } from "../support/wait-until.ts";

const HAS_PYTHON = spawnSync("python3", ["--version"]).status === 0;
const LANGUAGES = ["ts", ...(HAS_PYTHON ? ["python"] : [])];

const runSchema = z.object({
  run: z.object({ status: z.string() }),
  steps: z.array(
    z.object({
      output: z.unknown(),
      worker: z.string(),
      failure: z.object({ kind: z.string(), message: z.string() }).nullable(),
    }),
  ),
});

async function made(place: Place, language = "ts"): Promise<string> {
  expect(await runProduct(place, ["agent-init", "words", "--lang", language])).toMatchObject({
    code: 0,
  });
  return join(place.work, "agents", "words");
}

async function trust(place: Place): Promise<void> {
  expect(await runProduct(place, ["trust", "words"])).toMatchObject({ code: 0 });
}

async function runWords(place: Place, ...flags: readonly string[]) {
  const ended = await runProduct(place, ["run", "try-words", "--output", "json", ...flags]);
  return { ...ended, found: runSchema.safeParse(JSON.parse(ended.stdout || "{}")).data };
}

/** The scaffold's own test, by the tool of its language. */
function ownTest(folder: string, language: string) {
  return language === "ts"
    ? spawnSync(process.execPath, ["--test", join(folder, "agent.test.ts")], { env: {} })
    : spawnSync("python3", ["-m", "unittest", "discover", folder]);
}

describe.each(LANGUAGES)("an agent made in %s", (language) => {
  test("passes its own test, waits for trust, and then carries out a step", async () => {
    const place = newPlace(BROKERS.at(-1));
    const folder = await made(place, language);
    const own = ownTest(folder, language);
    expect({ status: own.status, said: String(own.stderr) }).toMatchObject({ status: 0 });

    const refused = await runWords(place);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/agent words runs a program that you have not trusted yet/);
    expect(refused.stderr).toMatch(/aimie-console trust .*agents\/words\/agent\.yaml/);

    await trust(place);
    const { code, found } = await runWords(place, "--set", "text=a longer text");
    expect(code).toBe(0);
    expect(found?.steps[0]?.output).toEqual({ words: 3, longest: "longer" });
    expect(found?.steps[0]?.worker).toMatch(/:words:0$/);
  });
});

describe("an agent of one's own", () => {
  test("asks for trust again when its program has changed", async () => {
    const place = newPlace();
    const folder = await made(place);
    await trust(place);
    appendFileSync(join(folder, "agent.ts"), "// A change.\n");
    const { code, stderr } = await runWords(place);
    expect(code).toBe(2);
    expect(stderr).toContain("not trusted yet");
  });

  test("is held by `agent NAME` and found by the others; `agents` shows it", async () => {
    const place = newPlace();
    await made(place);
    expect(await runProduct(place, ["agent", "words"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("not trusted"),
    });
    await trust(place);
    const alone = startProduct(place, ["agent", "words"]);
    await waitUntil("it is up", () => alone.stdout().includes("up: 1 workers"));
    const listed = await runProduct(place, ["agents"]);
    expect(listed.stdout).toMatch(/:words:0 +ready/);
    const { code, found } = await runWords(place);
    expect(code).toBe(0);
    expect(found?.steps[0]?.worker).toMatch(/:words:0$/);
  });

  test("is counted by --workers, listed among the topics and described for AsyncAPI", async () => {
    const place = newPlace();
    await made(place);
    const unknown = await runProduct(place, ["up", "--workers", "wods=2"]);
    expect(unknown).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("did you mean words?"),
    });
    await trust(place);
    const two = startProduct(place, ["agent", "words", "--workers", "words=2"]);
    await waitUntil("both are up", () => two.stdout().includes("up: 2 workers"));
    const listed = await runProduct(place, ["agents"]);
    expect(listed.stdout).toMatch(/:words:0 +ready/);
    expect(listed.stdout).toMatch(/:words:1 +ready/);
    const topics = await runProduct(place, ["topics", "--seconds", "0.1"]);
    expect(topics.stdout).toMatch(/^task\.words +0/m);
    const described = await runProduct(place, ["topics", "--async-api", "--output", "json"]);
    const { channels, components } = JSON.parse(described.stdout);
    expect(channels).toHaveProperty("taskWords.address", "task.words");
    expect(components.schemas["agent.words.input"].required).toEqual(["text"]);
  });

  test("is played by a foreign program with --external, without trust in its own", async () => {
    const place = newPlace();
    await made(place);
    const wrong = await runWords(place, "--external", "nobody");
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining("no agent is called") });
    const { redis } = await watchPrivateBus(place);
    const listener = redis.duplicate();
    onTestFinished(() => listener.disconnect());
    await listener.subscribe("task.words");
    listener.on("message", (_channel: string, text: string) => {
      const { data: _data, via: _via, ...task } = JSON.parse(text);
      const times = { worker: "far", startedAt: Date.now(), finishedAt: Date.now() };
      const data = { status: "succeeded", output: { words: 2, longest: "far" }, ...times };
      const told = { id: `far-${task.subject}`, type: "aimie.result.v1", source: "far" };
      void redis.publish("result.words", JSON.stringify({ ...task, ...told, data }));
    });
    const { code, found, stderr } = await runWords(place, "--external", "words");
    expect(code, stderr).toBe(0);
    expect(found?.steps[0]?.output).toEqual({ words: 2, longest: "far" });
  });

  test("with a bad manifest is told of, and leaves the other flows alone", async () => {
    const place = newPlace();
    const folder = await made(place);
    writeFileSync(join(folder, "agent.yaml"), "custom-agent: 1\ncommand: echo\n");
    const { code, stderr } = await runWords(place);
    expect(code).toBe(2);
    expect(stderr).toMatch(/agent words: .*agent\.yaml: .*\(line/);
    expect(await runProduct(place, ["run"])).toMatchObject({ code: 0 });
  });

  test.each<[string, string, string, RegExp]>([
    ["a bad output", "return { words: -1 }", "invalid-result", /does not fit/],
    ["an end", "process.exit(9)", "tool", /ended with exit code 9/],
    ["an error", "throw new Error('out of ink')", "tool", /out of ink/],
  ])("whose program answers with %s fails its step clearly", async (_, body, kind, message) => {
    const place = newPlace();
    const folder = await made(place);
    const program = `import { runAgent } from "aimie-console/worker"; await runAgent(() => { ${body} });`;
    writeFileSync(join(folder, "agent.ts"), program);
    await trust(place);
    const { code, found } = await runWords(place);
    expect(code).toBe(1);
    expect(found?.steps[0]?.failure).toMatchObject({
      kind,
      message: expect.stringMatching(message),
    });
  });

  test("is not made over what is there, nor under a name that cannot be", async () => {
    const place = newPlace();
    mkdirSync(join(place.work, "agents", "words"), { recursive: true });
    for (const [name, says] of [
      ["words", /is there already/],
      ["qna", /a built-in agent has this name/],
      ["My Agent", /lower case letters/],
    ] as const) {
      const { code, stderr } = await runProduct(place, ["agent-init", name]);
      expect({ name, code }).toEqual({ name, code: 2 });
      expect(stderr).toMatch(says);
    }
    const language = await runProduct(place, ["agent-init", "other", "--lang", "cobol"]);
    expect(language).toMatchObject({ code: 2, stderr: expect.stringContaining("lang") });
  });
});
