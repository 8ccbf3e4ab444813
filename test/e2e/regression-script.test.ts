/** The script of examples/, as somebody's build would call it. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Ended } from "../support/ending.ts";
import { listenTo } from "../support/ending.ts";
import type { Place } from "../support/product.ts";
import { newPlace, runProduct } from "../support/product.ts";

const root = join(import.meta.dirname, "../..");

async function runScript(place: Place, args: readonly string[]): Promise<Ended> {
  const program = `${process.execPath} ${join(root, "bin/aimie-console.js")}`;
  const child = spawn("/bin/sh", [join(root, "examples/regression.sh"), ...args], {
    cwd: place.work,
    env: { ...place.env, AIMIE_CONSOLE: program },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return await listenTo(child).ended;
}

test("a small change passes, a large one is a regression, a wrong one is refused", async () => {
  const place = newPlace();
  const passed = await runScript(place, []);
  expect(passed).toMatchObject({ code: 0, stderr: "" });
  expect(passed.stdout).toMatch(/simulation\.variables\[infectious\]\.maximum +2,189\.72 → +2,\d+/);
  expect(passed.stdout).toMatch(/stayed within 10 %\n$/);

  const failed = await runScript(place, ["parameters.contact_rate=10"]);
  expect(failed).toMatchObject({ code: 1, stderr: "" });
  expect(failed.stdout).toMatch(
    /\nregression: simulation\.variables\[infectious\]\.maximum +2,189\.72 → 3,007\.89 +\+37\.36%\n$/,
  );

  const refused = await runScript(place, ["parameters.no_such_constant=1"]);
  expect(refused.code).not.toBe(0);
  expect(refused.stdout).not.toContain("stayed");
}, 180_000);

test("two attempts are compared, and what cannot be compared is refused", async () => {
  const place = newPlace();
  await runProduct(place, ["run"]);
  const alone = await runProduct(place, ["diff", "@latest"]);
  expect(alone).toMatchObject({ code: 2, stdout: "" });
  expect(alone.stderr).toContain("name a second run");

  await runProduct(place, ["rerun", "@latest", "--from", "viz"]);
  const attempts = ["diff", "@latest", "--step", "viz"];
  const again = await runProduct(place, [...attempts, "--fail-over", "0", "--output", "json"]);
  expect(again).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse(again.stdout)).toMatchObject({
    version: 1,
    left: { attempt: 1 },
    right: { attempt: 2 },
    same: true,
    steps: [{ step: "viz", same: true, input: [], output: [] }],
    regressions: [],
  });
  const absent = await runProduct(place, [...attempts, "--attempts", "1,7"]);
  expect(absent).toMatchObject({ code: 2, stdout: "" });
  expect(absent.stderr).toContain("there are 1, 2");
  const typo = ["--fail-over", "5", "--value", "viz.maxmum"];
  const mistyped = await runProduct(place, ["diff", "@latest", "@latest", ...typo]);
  expect(mistyped).toMatchObject({ code: 2, stdout: "" });
  expect(mistyped.stderr).toContain("viz.maxmum");
});
