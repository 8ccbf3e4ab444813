/** A run that nobody works on: who looks is told what is missing, and it goes on when that comes. */
import { expect, test } from "vitest";
import { newPlace, parseRun, runProduct, startProduct } from "../support/product.ts";
import { waitUntil } from "../support/wait-until.ts";

test("each agent that is missing is named once, and the run goes on when it comes", async () => {
  const place = newPlace();
  const following = startProduct(place, ["run", "--agents", "none"]);
  await waitUntil("the orchestrator is missed", () =>
    following.stderr().includes("aimie-console agent orchestrator"),
  );
  const orchestrator = startProduct(place, ["agent", "orchestrator"]);
  await waitUntil("the simulation is missed", () =>
    following.stderr().includes("aimie-console agent simulation"),
  );
  const crew = startProduct(place, ["up"]);

  const ended = await following.ended;
  expect(ended.code).toBe(0);
  const said = ended.stderr.split("\n").filter((line) => line.includes("worker is alive"));
  expect(said).toEqual([
    expect.stringMatching(/^no orchestrator worker is alive, so run \w+ waits: start one with /),
    expect.stringContaining("no simulation worker is alive"),
  ]);
  for (const { child, ended: over } of [orchestrator, crew]) {
    child.kill("SIGTERM");
    await over;
  }
});

test("readers of JSON are told nothing between, and a timeout ends the run as ever", async () => {
  const place = newPlace();
  const late = ["run", "--agents", "none", "--timeout", "5", "--output", "json"];
  const ended = await runProduct(place, late);
  expect(ended.stdout).toBe("");
  expect(JSON.parse(ended.stderr)).toMatchObject({ code: "timeout" });
  expect(ended.code).toBe(4);

  const orchestrator = startProduct(place, ["agent", "orchestrator"]);
  const known = await runProduct(place, late);
  expect(known).toMatchObject({ code: 4, stderr: "" });
  expect(parseRun(known.stdout).run.status).toBe("cancelled");
  orchestrator.child.kill("SIGTERM");
  await orchestrator.ended;
});
