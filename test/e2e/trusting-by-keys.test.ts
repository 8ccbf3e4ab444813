/** Programs of the operator's own are asked about on the screen, once, and then run. */
import { spawnSync } from "node:child_process";
import { appendFileSync, chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { openConsole } from "../support/console-on-terminal.ts";
import { newPlace, runProduct } from "../support/product.ts";
import { waitUntil } from "../support/wait-until.ts";

/** The simulator is a Python program. */
const HAS_PYTHON = spawnSync("python3", ["--version"]).status === 0;

const DESCRIPTION = `command-model: 1
title: Savings
time-unit: Years
command: [python3, "{folder}/savings.py"]
parameters:
  rate: { default: 0.1, flag: --rate }
`;

const PROGRAM = `print("time,sum")
for year in range(5): print(f"{year},{100 * 1.1 ** year}")
`;

test.skipIf(!HAS_PYTHON)(
  "a program runs after a y, and again without one",
  async () => {
    const place = newPlace();
    const models = join(place.work, "models");
    mkdirSync(models);
    writeFileSync(join(models, "savings.yaml"), DESCRIPTION);
    writeFileSync(join(models, "savings.py"), PROGRAM);
    const valid = await runProduct(place, ["model", "check", "models/savings.yaml"]);
    expect(valid).toMatchObject({ code: 0, stderr: "" });
    const screen = openConsole(place);
    await screen.sees(/workers ready 4\/4/);

    screen.press("n");
    await screen.sees(/New run/);
    screen.press("\u0015savings\r");
    await screen.sees(/Run a program you have not trusted yet\?/);
    expect(screen.text()).toContain("python3 {folder}/savings.py");
    screen.press("n");
    await waitUntil("the question is gone", () => !screen.text().includes("not trusted yet?"));

    screen.press("n");
    await screen.sees(/New run/);
    screen.press("\u0015savings\r");
    await screen.sees(/Run a program you have not trusted yet\?/);
    screen.press("y");
    await screen.sees(/simulation-qna-viz · savings .*(✓ succeeded|✗ failed)/);
    await screen.sees(/file +savings\.parquet/);

    writeFileSync(join(models, "savings.py"), `${PROGRAM}# changed\n`);
    screen.press("r");
    await screen.sees(/simulation {2}attempt 2/);
    screen.press("\r");
    await screen.sees(/Run a program you have not trusted yet\?/);
    screen.press("y");
    await screen.sees(/#2 · simulation:0/);
    await screen.sees(/attempt 2 · viz:0/);
    await screen.sees(/simulation-qna-viz · savings .*✓ succeeded/);

    screen.press("q");
    expect(await screen.ended).toBe(0);
  },
  180_000,
);

test("an agent's program runs after a y, and when it has changed after another", async () => {
  const place = newPlace();
  expect(await runProduct(place, ["agent-init", "words"])).toMatchObject({ code: 0 });
  const program = join(place.work, "agents", "words", "agent.ts");
  const screen = openConsole(place);
  await screen.sees(/workers ready 4\/4/);
  const start = async (): Promise<void> => {
    screen.press(":");
    await screen.sees(/Palette/);
    screen.press("start try-words\r");
    await screen.sees(/New run/);
    screen.press("\r");
  };

  await start();
  await screen.sees(/Run a program you have not trusted yet\?/);
  expect(screen.text()).toMatch(/node\} .*\{folder\}\/agent\.ts/);
  expect(screen.text()).toContain("The agent runs this program");
  screen.press("n");
  await waitUntil("the question is gone", () => !screen.text().includes("not trusted yet?"));
  await start();
  await screen.sees(/Run a program you have not trusted yet\?/);
  screen.press("y");
  await screen.sees(/try-words .*✓ succeeded/);
  await screen.sees(/workers ready 5\/5/);

  appendFileSync(program, "// A change.\n");
  screen.press("r");
  await screen.sees(/count {2}attempt 2/);
  screen.press("\r");
  await screen.sees(/Run a program you have not trusted yet\?/);
  screen.press("y");
  await screen.sees(/attempt 2 · words:0/);
  await screen.sees(/try-words .*✓ succeeded/);

  screen.press("q");
  expect(await screen.ended).toBe(0);
}, 180_000);

test("a tool server of mcp.json runs after a y, and when its definition has changed after another", async () => {
  const place = newPlace();
  const folder = join(place.folder, "f", "aimie-console");
  const define = (...more: readonly string[]): void => {
    mkdirSync(folder, { recursive: true });
    const program = resolve("test/fixtures/programs/foreign-tools.ts");
    const calc = { command: process.execPath, args: [program, ...more] };
    writeFileSync(join(folder, "mcp.json"), JSON.stringify({ mcpServers: { calc } }));
    chmodSync(join(folder, "mcp.json"), 0o600);
  };
  define();
  mkdirSync(join(place.work, "flows"));
  const flow =
    "name: sums\nsteps:\n  sum: { agent: mcp, tool: calc__add, input: { left: 1, right: 2 } }\n";
  writeFileSync(join(place.work, "flows", "sums.yaml"), flow);
  const screen = openConsole(place);
  await screen.sees(/workers ready 5\/5/);

  screen.press(":");
  await screen.sees(/Palette/);
  screen.press("start sums\r");
  await screen.sees(/New run/);
  screen.press("\r");
  await screen.sees(/Run a program you have not trusted yet\?/);
  expect(screen.text()).toContain("foreign-tools.ts");
  screen.press("y");
  await screen.sees(/sums .*✓ succeeded/);
  await screen.sees(/It is 3\./);

  define("--more");
  screen.press("r");
  await screen.sees(/sum {2}attempt 2/);
  screen.press("\r");
  await screen.sees(/Run a program you have not trusted yet\?/);
  expect(screen.text()).toContain("--more");
  screen.press("y");
  await screen.sees(/attempt 2 · mcp:0/);
  await screen.sees(/sums .*✓ succeeded/);

  screen.press("q");
  expect(await screen.ended).toBe(0);
}, 180_000);
