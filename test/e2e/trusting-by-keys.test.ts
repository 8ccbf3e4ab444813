/** A program of the operator's own is asked about on the screen, once, and then runs. */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
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
