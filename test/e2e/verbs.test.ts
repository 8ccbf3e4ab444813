/** The operator's verbs, one process after another, as a script uses them. */
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { GATED } from "../support/gated-flow.ts";
import { newPlace, parseRun, runProduct, stepOf } from "../support/product.ts";

test("a step is done again, a run is forked, a plan is looked at", async () => {
  const place = newPlace();
  const first = await runProduct(place, ["run", "--output", "json"]);
  const { run } = parseRun(first.stdout);

  const again = await runProduct(place, ["rerun", "@latest", "--from", "viz", "--output", "json"]);
  expect(again).toMatchObject({ code: 0, stderr: "" });
  const redone = parseRun(again.stdout);
  expect(redone.run.id).toBe(run.id);
  expect(stepOf(redone, "viz").attempt).toBe(2);
  expect(stepOf(redone, "simulation").attempt).toBe(1);

  const why = await runProduct(place, ["why", "@latest", "viz", "--output", "json"]);
  expect(why).toMatchObject({ code: 0, stderr: "" });
  const { chain } = JSON.parse(why.stdout);
  expect(chain[0]).toMatchObject({ stepKey: "viz", says: "viz succeeded with attempt 2" });
  expect(chain.at(-1)).toMatchObject({ event: "plan-applied", stepKey: null });
  const unknown = await runProduct(place, ["why", "@latest", "vis"]);
  expect(unknown).toMatchObject({ code: 2, stdout: "" });
  expect(unknown.stderr).toContain("did you mean viz?");

  const planned = await runProduct(place, [
    ...["rerun", run.id.slice(0, 6), "--from", "simulation"],
    ...["--dry-run", "--output", "json"],
  ]);
  expect(planned.code).toBe(0);
  expect(JSON.parse(planned.stdout)).toMatchObject({
    version: 1,
    run: run.id,
    target: "same-run",
    reset: ["simulation", "qna", "viz"],
    refusal: null,
  });

  const forked = await runProduct(place, [
    ...["rerun", run.id, "--set", "question=What is the final value of recovered?"],
    ...["--output", "json"],
  ]);
  expect(forked).toMatchObject({ code: 0, stderr: "" });
  const fork = parseRun(forked.stdout);
  expect(fork.run.id).not.toBe(run.id);
  expect(fork.answer).toMatch(/recovered/);

  const asked = await runProduct(place, [
    ...["ask", run.id, "What is the peak of infectious?", "--output", "json"],
  ]);
  expect(asked).toMatchObject({ code: 0, stderr: "" });
  const answered = parseRun(asked.stdout);
  expect(answered.run).toMatchObject({ flow: "ask", basedOn: run.id });
  const followed = await runProduct(place, [
    ...["ask", answered.run.id, "And its time?", "--output", "json"],
  ]);
  expect(followed).toMatchObject({ code: 0, stderr: "" });
  const second = parseRun(followed.stdout);
  expect(second.run).toMatchObject({ flow: "ask", basedOn: run.id });
  expect(second).toMatchObject({ value: 41.25 });

  const saved = await runProduct(place, [
    ...["artifacts", run.id, "--save", "out", "--output", "json"],
  ]);
  expect(saved).toMatchObject({ code: 0, stderr: "" });
  expect(readdirSync(join(place.work, "out")).length).toBe(
    JSON.parse(saved.stdout).artifacts.length,
  );
  expect((await runProduct(place, ["logs", "@latest", "--output", "json"])).code).toBe(0);

  const retried = await runProduct(place, ["retry", run.id]);
  expect(retried).toMatchObject({ code: 2 });
});

test("a run that waits for a person ends with 5, and goes on when it is approved", async () => {
  const place = newPlace();
  writeFileSync(join(place.work, "gated.yaml"), GATED);
  const waiting = await runProduct(place, ["run", "gated.yaml", "--output", "json"]);
  expect(waiting.code).toBe(5);
  const { run } = parseRun(waiting.stdout);
  expect(run.status).toBe("waiting");
  expect(JSON.parse(waiting.stderr)).toMatchObject({
    code: "waiting",
    nextStep: expect.stringContaining(`aimie-console approve ${run.id} viz`),
  });
  expect((await runProduct(place, ["wait", run.id])).code).toBe(5);

  const absent = await runProduct(place, ["approve", run.id, "vizz"]);
  expect(absent).toMatchObject({ code: 2 });
  expect(absent.stderr).toContain("did you mean viz?");

  const approved = await runProduct(place, ["approve", run.id, "viz", "--output", "json"]);
  expect(approved).toMatchObject({ code: 0, stderr: "" });
  expect(parseRun(approved.stdout).run.status).toBe("succeeded");
  expect((await runProduct(place, ["wait", run.id])).code).toBe(0);
});

test("a run that is rejected fails, one that is cancelled is cancelled", async () => {
  const place = newPlace();
  writeFileSync(join(place.work, "gated.yaml"), GATED);
  await runProduct(place, ["run", "gated.yaml"]);
  const no = ["approve", "@latest", "viz", "--reject", "not now", "--output", "json"];
  const rejected = await runProduct(place, no);
  expect(rejected.code).toBe(1);
  expect(stepOf(parseRun(rejected.stdout), "viz").status).toBe("failed");

  await runProduct(place, ["run", "gated.yaml"]);
  const held = await runProduct(place, ["pause", "@latest", "--output", "json"]);
  expect(held.code).toBe(0);
  expect(JSON.parse(held.stdout)).toMatchObject({ version: 1, did: "paused" });
  expect((await runProduct(place, ["resume", "@latest"])).code).toBe(5);
  const cancelled = await runProduct(place, ["cancel", "@latest", "--output", "json"]);
  expect(cancelled.code).toBe(0);
  expect(parseRun(cancelled.stdout).run.status).toBe("cancelled");
});
