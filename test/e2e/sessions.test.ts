import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { newPlace, parseRun, runProduct, stepOf } from "../support/product.ts";

const sessionsSchema = z.array(
  z.looseObject({ sessionId: z.string(), name: z.string(), runCount: z.int() }),
);

const RUN = ["run", "--output", "json"] as const;

describe("sessions", () => {
  test("are listed with their runs, which can be shown again", async () => {
    const place = newPlace();
    const first = parseRun((await runProduct(place, [...RUN, "--session", "alpha"])).stdout);
    const second = parseRun((await runProduct(place, [...RUN, "--session", "alpha"])).stdout);
    const listed = await runProduct(place, ["sessions", "--output", "json"]);
    const sessions = sessionsSchema.parse(JSON.parse(listed.stdout));
    expect(sessions).toMatchObject([{ name: "alpha", runCount: 2 }]);
    expect(sessions[0]?.sessionId).toBe(first.run.session);
    expect((await runProduct(place, ["sessions"])).stdout).toMatch(/2 runs +alpha/);

    const latest = await runProduct(place, ["show", "@latest", "--output", "json"]);
    expect(parseRun(latest.stdout)).toEqual(second);
    const byPrefix = await runProduct(place, [
      "show",
      first.run.id.slice(0, 8),
      "--output",
      "json",
    ]);
    expect(parseRun(byPrefix.stdout)).toEqual(first);
    const text = await runProduct(place, ["show", first.run.id]);
    expect(text).toMatchObject({ code: 0, stderr: "" });
    expect(text.stdout).toContain(`answer: ${first.answer}`);
  });

  test("keep apart what was run in each", async () => {
    const place = newPlace();
    for (const name of ["alpha", "beta"]) await runProduct(place, [...RUN, "--session", name]);
    const listed = await runProduct(place, ["sessions", "--output", "json"]);
    const sessions = sessionsSchema.parse(JSON.parse(listed.stdout));
    expect(sessions.map(({ name, runCount }) => [name, runCount])).toEqual([
      ["beta", 1],
      ["alpha", 1],
    ]);
    // Without a name the last session goes on.
    const third = parseRun((await runProduct(place, RUN)).stdout);
    expect(third.run.session).toBe(sessions[0]?.sessionId);
  });

  test("are none at first, and that is said kindly", async () => {
    const place = newPlace();
    const text = await runProduct(place, ["sessions"]);
    expect(text).toMatchObject({ code: 0, stderr: "" });
    expect(text.stdout).toMatch(/no sessions yet/);
    const json = await runProduct(place, ["sessions", "--output", "json"]);
    expect(JSON.parse(json.stdout)).toEqual([]);
    expect((await runProduct(place, ["show", "@latest"])).code).toBe(2);
  });

  test("start anew when their file is damaged, which is kept and told of", async () => {
    const place = newPlace();
    await runProduct(place, RUN);
    const file = join(place.state, "sessions.db");
    for (const ending of ["-wal", "-shm"]) writeFileSync(file + ending, "");
    writeFileSync(file, "this is no database, whatever its name says\n".repeat(500));
    const { code, stdout } = await runProduct(place, ["run"]);
    expect(code).toBe(0);
    const kept = readdirSync(place.state).find((name) => /^sessions\.db\.damaged-/.test(name));
    expect(readFileSync(join(place.state, kept ?? "absent"), "utf8")).toMatch(/^this is no data/);
    const log = readFileSync(join(place.state, "aimie-console.log"), "utf8");
    expect(`${stdout}${log}`).toContain(join(place.state, kept ?? "absent"));
    expect((await runProduct(place, ["show", "@latest"])).code).toBe(0);
  });

  test("tell of a damaged file also when they are only looked at", async () => {
    const place = newPlace();
    await runProduct(place, ["sessions"]);
    writeFileSync(join(place.state, "sessions.db"), "no database\n".repeat(500));
    const { code, stderr } = await runProduct(place, ["sessions"]);
    expect(code).toBe(0);
    expect(stderr).toContain("sessions.db.damaged-");
  });

  test("show a failed run with its failure", async () => {
    const place = newPlace();
    writeFileSync(
      join(place.work, "f.yaml"),
      "name: f\nsteps:\n  one: { agent: simulation, input: { model: absent } }\n",
    );
    const ran = await runProduct(place, ["run", "f.yaml", "--output", "json"]);
    expect(ran.code).toBe(1);
    const shown = await runProduct(place, ["show", "@latest", "--output", "json"]);
    expect(stepOf(parseRun(shown.stdout), "one").failure).toEqual(
      stepOf(parseRun(ran.stdout), "one").failure,
    );
    expect((await runProduct(place, ["show", "@latest"])).stdout).toMatch(/one: .*absent/);
  });
});
