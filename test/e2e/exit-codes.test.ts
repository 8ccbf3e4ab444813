/** Each exit code, provoked through a real process: what docs/CLI.md promises scripts. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sessionIdSchema } from "../../src/protocol/ids.ts";
import { namesOf } from "../../src/protocol/names.ts";
import { watchPrivateBus } from "../support/bus-watch.ts";
import { GATED } from "../support/gated-flow.ts";
import type { Place } from "../support/product.ts";
import {
  newPlace,
  parseRun,
  processesOf,
  runProduct,
  signalProcess,
  startProduct,
  untilNothingRuns,
} from "../support/product.ts";
import { waitUntil } from "../support/wait-until.ts";

const FAILING = `name: failing
steps:
  simulation: { agent: simulation, input: { model: no-such-model }, retry: { attempts: 1 } }
`;

/** A place with a flow that waits and one that fails. */
function placeWithFlows(): Place {
  const place = newPlace();
  writeFileSync(join(place.work, "gated.yaml"), GATED);
  writeFileSync(join(place.work, "failing.yaml"), FAILING);
  return place;
}

/** The error that JSON readers are told. */
const codeOf = (stderr: string): unknown => JSON.parse(stderr.trimEnd()).code;

test("0, 1, 4, 5: a run that succeeds, fails, takes longer than one waits, waits for a person", async () => {
  const place = placeWithFlows();
  expect((await runProduct(place, ["run"])).code).toBe(0);
  const failed = await runProduct(place, ["run", "failing.yaml", "--output", "json"]);
  expect(failed.code).toBe(1);
  expect(parseRun(failed.stdout).run.status).toBe("failed");
  const waiting = await runProduct(place, ["run", "gated.yaml", "--output", "json"]);
  expect(waiting.code).toBe(5);
  expect(codeOf(waiting.stderr)).toBe("waiting");
  const late = ["wait", "@latest", "--stay", "--timeout", "1", "--output", "json"];
  expect((await runProduct(place, late)).code).toBe(4);
});

test("2, 3: what cannot be understood, and a bus that does not answer", async () => {
  const place = newPlace();
  expect((await runProduct(place, ["rum"])).code).toBe(2);
  expect((await runProduct(place, ["show", "no-such-run"])).code).toBe(2);
  const away = await runProduct(place, [
    "run",
    "--redis",
    "redis://127.0.0.1:1",
    "--output",
    "json",
  ]);
  expect(away.code).toBe(3);
  expect(codeOf(away.stderr)).toBe("bus-unreachable");
});

test("6: a session that another console is changing", async () => {
  const place = newPlace();
  const bus = await watchPrivateBus(place);
  const ran = await runProduct(place, ["run", "--output", "json"]);
  const session = sessionIdSchema.parse(parseRun(ran.stdout).run.session);
  await bus.redis.set(namesOf("default").sessionLock(session), "another console");
  const rename = ["sessions", "rename", session, "mine", "--output", "json"];
  const refused = await runProduct(place, [...rename, "--redis", `unix:${place.socket}`]);
  expect(refused).toMatchObject({ code: 6, stdout: "" });
  expect(codeOf(refused.stderr)).toBe("conflict");
});

test("7: a worker that keeps crashing is given up", async () => {
  const place = placeWithFlows();
  const running = startProduct(place, ["run", "gated.yaml", "--stay", "--output", "json"]);
  let ended = false;
  void running.ended.then(() => {
    ended = true;
  });
  await waitUntil("the product gives up", () => {
    const workers = processesOf(place.folder).filter(({ command }) => /viz-worker/.test(command));
    for (const { pid } of workers) signalProcess(pid, "SIGKILL");
    return ended;
  });
  const { code, stderr } = await running.ended;
  expect(code).toBe(7);
  expect(codeOf(stderr)).toBe("worker-lost");
  await untilNothingRuns(place);
});

test("8: a run that somebody else cancels", async () => {
  const place = placeWithFlows();
  const running = startProduct(place, ["run", "gated.yaml", "--stay", "--output", "json"]);
  await waitUntil("the run is known", async () => {
    return (
      existsSync(join(place.state, "sessions.db")) &&
      (await runProduct(place, ["show", "@latest"])).stdout.includes("waiting")
    );
  });
  expect((await runProduct(place, ["cancel", "@latest"])).code).toBe(0);
  const ended = await running.ended;
  expect(ended.code).toBe(8);
  expect(parseRun(ended.stdout).run.status).toBe("cancelled");
});

test("70: what nobody expected names the log, where its trace is", async () => {
  const place = newPlace();
  mkdirSync(place.state, { recursive: true });
  // Thrown in the middle of the program, by nothing the program does.
  const bug = 'data:text/javascript,setTimeout(()=>{throw(new(TypeError)("loose"))},300)';
  const env = { NODE_OPTIONS: `--import=${bug}` };
  const ended = await runProduct(place, ["topics", "-f", "--output", "json"], { env });
  expect(ended).toMatchObject({ code: 70, stdout: "" });
  // The broker may have been started before: that is told on a line of its own.
  expect(JSON.parse(ended.stderr.trim().split("\n").at(-1) ?? "")).toMatchObject({
    code: "bug",
    message: expect.stringContaining("something unexpected happened"),
    nextStep: expect.stringContaining(join(place.state, "aimie-console.log")),
  });
});

describe("129, 130, 143: a signal", () => {
  test.each<[NodeJS.Signals, number]>([
    ["SIGHUP", 129],
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ])("%s ends what only looks", async (signal, code) => {
    const place = newPlace();
    const looking = startProduct(place, ["topics", "-f"]);
    await waitUntil("its broker is there", () => existsSync(place.socket));
    looking.child.kill(signal);
    expect((await looking.ended).code).toBe(code);
  });

  test("leaves a run alone that is only followed", async () => {
    const place = placeWithFlows();
    await runProduct(place, ["run", "gated.yaml"]);
    const following = startProduct(place, ["wait", "@latest", "--stay", "--output", "jsonl"]);
    await waitUntil("it follows", () => following.stdout().includes("snapshot"));
    following.child.kill("SIGINT");
    expect((await following.ended).code).toBe(130);
    const shown = await runProduct(place, ["show", "@latest", "--output", "json"]);
    expect(parseRun(shown.stdout).run.status).toBe("waiting");
  });
});
