/** Looking at runs from scripts: their events, their logs, and runs that only the bus knows. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { GATED } from "../support/gated-flow.ts";
import type { Place } from "../support/product.ts";
import { newPlace, parseRun, runProduct, startProduct } from "../support/product.ts";
import { waitUntil } from "../support/wait-until.ts";

const linesOf = (text: string): readonly ReturnType<typeof JSON.parse>[] =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

/** The broker of one place, as an address that others can be given. */
async function holdBroker(place: Place): Promise<string> {
  const holding = startProduct(place, ["broker"]);
  await waitUntil("the broker is there", () => holding.stdout().includes("\n"));
  return holding.stdout().trim();
}

test("a run's events are a snapshot and then each event once, in every form", async () => {
  const place = newPlace();
  await runProduct(place, ["run"]);
  const ended = await runProduct(place, ["events", "@latest", "--output", "jsonl"]);
  expect(ended).toMatchObject({ code: 0, stderr: "" });
  const [snapshot, ...events] = linesOf(ended.stdout);
  expect(snapshot).toMatchObject({ type: "snapshot", version: 1, run: { status: "succeeded" } });
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  expect(snapshot.seq).toBe(events.length);
  expect(events.map(({ event }) => event.type)).toEqual([
    "run-requested",
    ...["result-received", "result-received", "result-received"],
  ]);
  const whole = await runProduct(place, ["events", "@latest", "--output", "json"]);
  expect(JSON.parse(whole.stdout)).toMatchObject({
    version: 1,
    run: snapshot.run.id,
    events: events.map(({ type: _, ...event }) => event),
  });
  const text = await runProduct(place, ["events", "@latest", "-f"]);
  expect(text).toMatchObject({ code: 0, stderr: "" });
  expect(text.stdout).toMatch(/simulation dispatched\n(.*\n)+.* run succeeded\n$/);
});

test("logs are those of one step when it is named, an unknown one is refused", async () => {
  const place = newPlace();
  await runProduct(place, ["run"]);
  const all = linesOf((await runProduct(place, ["logs", "@latest", "--output", "jsonl"])).stdout);
  expect(new Set(all.map(({ step }) => step))).toEqual(new Set(["simulation", "qna", "viz"]));
  const one = await runProduct(place, ["logs", "@latest", "--step", "qna", "--output", "json"]);
  const { lines } = JSON.parse(one.stdout);
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines) expect(line).toMatchObject({ step: "qna" });
  const wrong = await runProduct(place, ["logs", "@latest", "--step", "qnaa"]);
  expect(wrong).toMatchObject({ code: 2, stdout: "" });
  expect(wrong.stderr).toContain("did you mean qna?");
});

test("a run of another machine is found by its beginning and followed to its end", async () => {
  const redis = await holdBroker(newPlace());
  const [here, there] = [newPlace(), newPlace()];
  writeFileSync(join(here.work, "gated.yaml"), GATED);
  const bus = ["--redis", redis, "--output", "json"];
  const waiting = await runProduct(here, ["run", "gated.yaml", ...bus]);
  expect(waiting.code).toBe(5);
  const { run } = parseRun(waiting.stdout);

  const shown = await runProduct(there, ["show", run.id.slice(0, 6), ...bus]);
  expect(shown).toMatchObject({ code: 0, stderr: "" });
  expect(parseRun(shown.stdout).run).toMatchObject({ id: run.id, status: "waiting" });

  const told = await runProduct(there, ["show", run.id, "--redis", redis]);
  expect(told.stdout).toMatch(
    /^ {2}simulation {2}succeeded +attempt 1 +\d+\.\ds +\S+:simulation:0$/m,
  );
  expect(told.stdout).toMatch(/^ {2}viz +awaiting-approval/m);
  expect(told.stdout).toContain(`→ aimie-console approve ${run.id} viz lets it go on`);

  const following = startProduct(newPlace(), ["events", "@latest", "-f", "--redis", redis]);
  await waitUntil("the run's past is told", () => following.stdout().includes("approval"));
  const approved = await runProduct(here, ["approve", "@latest", "viz", ...bus]);
  expect(approved).toMatchObject({ code: 0, stderr: "" });
  const followed = await following.ended;
  expect(followed).toMatchObject({ code: 0, stderr: "" });
  expect(followed.stdout).toMatch(/run succeeded\n$/);

  const absent = await runProduct(newPlace(), ["show", "nosuchrun", ...bus]);
  expect(absent).toMatchObject({ code: 2, stdout: "" });
  const away = ["show", "nosuchrun", "--redis", "redis://127.0.0.1:1"];
  expect((await runProduct(newPlace(), away)).code).toBe(3);
});
