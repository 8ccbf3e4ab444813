import { rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { watchPrivateBus } from "../support/bus-watch.ts";
import type { Place } from "../support/product.ts";
import {
  BROKERS,
  newPlace,
  parseRun,
  runProduct,
  startProduct,
  untilNothingRuns,
} from "../support/product.ts";
import { waitUntil } from "../support/wait-until.ts";

const sessionList = z.array(
  z.object({ sessionId: z.string(), name: z.string(), runCount: z.int() }),
);

/** Two machines are two state folders; the bus of the first is given to the second. */
async function twoMachines(broker: (typeof BROKERS)[number]) {
  const [first, second] = [newPlace(broker), newPlace(broker)];
  const bus = await watchPrivateBus(first, "event.*");
  const onSecond = (...args: readonly string[]) =>
    runProduct(second, [...args, "--redis", `unix:${first.socket}`]);
  return { first, second, bus, onSecond };
}

const sessionsOf = async (ended: Promise<{ readonly stdout: string }>) =>
  sessionList.parse(JSON.parse((await ended).stdout));

describe.each(BROKERS)("two machines on the %s broker", (broker) => {
  test("list the same sessions, and the second saves what the first has made", async () => {
    const { first, second, bus, onSecond } = await twoMachines(broker);
    const up = await runProduct(first, ["up", "--detach"]);
    expect(up.code).toBe(0);
    const { run } = parseRun((await runProduct(first, ["run", "--output", "json"])).stdout);

    const list = await sessionsOf(onSecond("sessions", "--output", "json"));
    expect(list).toMatchObject([{ sessionId: run.session, runCount: 1 }]);
    const saved = join(second.work, "saved");
    const files = await onSecond("artifacts", run.id, "--save", saved);
    expect(files).toMatchObject({ code: 0, stderr: "" });
    expect(files.stdout).not.toContain("missing");

    rmSync(second.state, { recursive: true });
    const again = await onSecond("rerun", run.id, "--from", "viz", "--output", "json");
    expect(again).toMatchObject({ code: 0, stderr: "" });
    expect(parseRun(again.stdout).steps.map(({ step, attempt }) => [step, attempt])).toEqual([
      ["simulation", 1],
      ["qna", 1],
      ["viz", 2],
    ]);
    rmSync(second.state, { recursive: true });
    expect(await sessionsOf(onSecond("sessions", "--output", "json"))).toEqual(list);

    expect((await runProduct(first, ["down"])).code).toBe(0);
    bus.leave();
    await untilNothingRuns(first);
  });
});

test.each(BROKERS)(
  "a worker of another machine makes the file, those of this one fetch it, on the %s broker",
  async (broker) => {
    const { first, second, bus, onSecond } = await twoMachines(broker);
    const away = startProduct(first, ["agent", "simulation"]);
    await waitUntil("the simulation is ready", () => away.stdout().includes("ready"));

    const ended = await onSecond("run", "--agents", "auto", "--output", "json");
    expect(ended).toMatchObject({ code: 0 });
    const { run, answer } = parseRun(ended.stdout);
    expect(answer).toContain("peaks at");
    const files = await onSecond("artifacts", run.id);
    expect(files.stdout).toContain("intact");
    expect(files.stdout).not.toContain("missing");

    away.child.kill("SIGINT");
    await away.ended;
    bus.leave();
    for (const place of [first, second]) await untilNothingRuns(place);
  },
);

test("without the bus the sessions of this machine are listed, and it is said", async () => {
  const place: Place = newPlace("embedded");
  const gone = ["--redis", `unix:${join(place.folder, "nobody.sock")}`];
  const { code, stdout, stderr } = await runProduct(place, ["sessions", ...gone]);
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: "no sessions yet; aimie-console run starts one\n",
  });
  expect(stderr).toContain("these are the sessions of this machine");
});
