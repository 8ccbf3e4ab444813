/** Runs that are left going, and come back to. */
import { expect, test } from "vitest";
import {
  newPlace,
  parseRun,
  processesOf,
  runProduct,
  untilNothingRuns,
} from "../support/product.ts";

test("a run that is left goes on with workers that stay, and can be followed", async () => {
  const place = newPlace();
  const started = await runProduct(place, ["run", "--detach"]);
  expect(started.code).toBe(0);
  expect(started.stdout).toMatch(/^[0-9a-z]{10}\n$/);
  const id = started.stdout.trim();

  const attached = await runProduct(place, ["run", "--attach", id, "--output", "json"]);
  expect(attached).toMatchObject({ code: 0, stderr: "" });
  expect(parseRun(attached.stdout).run).toMatchObject({ id, status: "succeeded" });

  const workers = processesOf(place.folder).length;
  const second = await runProduct(place, ["run", "--detach", "--output", "json"]);
  expect(second).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse(second.stdout)).toMatchObject({ version: 1, did: "started" });
  expect(processesOf(place.folder)).toHaveLength(workers);
  expect((await runProduct(place, ["wait", "@latest"])).code).toBe(0);
  const shown = await runProduct(place, ["show", "@latest", "--output", "json"]);
  expect(parseRun(shown.stdout).run).toMatchObject({
    id: JSON.parse(second.stdout).run,
    status: "succeeded",
  });

  // Where others play every agent, a supervisor has nothing to wait for.
  expect((await runProduct(place, ["up", "--detach"])).stdout).toContain("up: 0 workers");
  expect((await runProduct(place, ["down"])).code).toBe(0);
  await untilNothingRuns(place);
});

test("what was left is shown as the bus has it, though nobody here has followed it", async () => {
  const place = newPlace();
  await runProduct(place, ["run", "--detach"]);
  const events = await runProduct(place, ["events", "@latest", "-f"]);
  expect(events).toMatchObject({ code: 0, stderr: "" });
  expect(events.stdout).toMatch(/run succeeded\n$/);
  await runProduct(place, ["down"]);
});

test.each<[flags: readonly string[], says: string]>([
  [["--detach", "--timeout", "5"], "--detach does not wait"],
  [["--attach", "@latest", "--question", "Why?"], "--attach starts nothing"],
  [["--attach", "@latest"], "there is no run yet"],
])("run %j is refused", async (flags, says) => {
  const place = newPlace();
  const refused = await runProduct(place, ["run", ...flags]);
  expect(refused).toMatchObject({ code: 2, stdout: "" });
  expect(refused.stderr).toContain(says);
  expect(processesOf(place.folder)).toEqual([]);
});

test("an order that nobody is there to carry out is not waited for without end", async () => {
  const place = newPlace();
  await runProduct(place, ["run"]);
  const order = ["rerun", "@latest", "--from", "viz", "--agents", "none", "--output", "json"];
  const ended = await runProduct(place, order);
  expect(ended.code).toBe(4);
  expect(JSON.parse(ended.stderr)).toMatchObject({ code: "timeout" });
  // With workers it is, by whichever verb brings them.
  expect((await runProduct(place, ["wait", "@latest"])).code).toBe(0);
});
