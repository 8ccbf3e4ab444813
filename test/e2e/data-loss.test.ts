/** Redis loses its data while no console runs. */
import { cpSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, onTestFinished, test } from "vitest";
import { GATED } from "../support/gated-flow.ts";
import { newPlace, parseRun, runProduct, startProduct, stepOf } from "../support/product.ts";
import { freePort, REDIS_SERVER, startRedisServer, withServer } from "../support/redis-server.ts";
import { waitUntil } from "../support/wait-until.ts";

describe.skipIf(REDIS_SERVER === undefined)(withServer("data lost while no console ran"), () => {
  test("is given back by the next console of the store, whatever session it shows", async () => {
    const port = await freePort();
    const server = await startRedisServer({ port });
    onTestFinished(() => server.stop());
    const redis = server.connect();
    const place = newPlace();
    writeFileSync(join(place.work, "gated.yaml"), GATED);
    const bus = ["--redis", `redis://127.0.0.1:${port}`];
    const startGated = async (): Promise<ReturnType<typeof parseRun>["run"]> => {
      const args = ["run", "gated.yaml", ...bus, "--session", "first", "--output", "json"];
      const { code, stdout } = await runProduct(place, args);
      expect(code).toBe(5); // It waits for a person.
      return parseRun(stdout).run;
    };
    const whole = await startGated();
    const broken = await startGated();
    const file = new DatabaseSync(join(place.state, "sessions.db"));
    file.exec(`UPDATE run_events SET json = '{' WHERE run_id = '${broken.id}' AND seq = 1`);
    file.close();
    const version = await redis.hget(`{aimie:default}:run:${whole.id}`, "ver");
    await redis.flushall();

    const serving = startProduct(place, ["serve", ...bus, "--session", "other"]);
    await waitUntil("the run is given back", async () => {
      return (await redis.hget(`{aimie:default}:run:${whole.id}`, "ver")) === version;
    });
    await waitUntil("the session is copied again", () =>
      redis.exists(`{aimie:default}:ses:${whole.session}`).then(Boolean),
    );
    await waitUntil("the run that cannot be given back has ended", async () => {
      return (await redis.hget(`{aimie:default}:run:${broken.id}`, "ver")) === "1";
    });
    serving.child.kill("SIGTERM");
    await serving.ended;

    const lost = await runProduct(place, ["show", broken.id, ...bus, "--output", "json"]);
    expect(parseRun(lost.stdout).run).toMatchObject({
      status: "failed",
      failure: { kind: "bus-data-lost", nextStep: "start the run again" },
    });
    const approved = await runProduct(place, [
      ...["approve", whole.id, "viz", ...bus, "--output", "json"],
    ]);
    expect(approved).toMatchObject({ code: 0, stderr: "" });
    const ended = parseRun(approved.stdout);
    expect(ended.run.status).toBe("succeeded");
    expect(stepOf(ended, "simulation").attempt).toBe(1);
  });

  test("and where Redis has gone on in another way since, what it has counts", async () => {
    const port = await freePort();
    const server = await startRedisServer({ port, keeps: true });
    onTestFinished(() => server.stop());
    const [here, elsewhere] = [newPlace(), newPlace()];
    writeFileSync(join(here.work, "gated.yaml"), GATED);
    const bus = ["--redis", `redis://127.0.0.1:${port}`, "--output", "json"];
    const waiting = await runProduct(here, ["run", "gated.yaml", ...bus, "--session", "first"]);
    expect(waiting.code).toBe(5); // It waits for a person.
    const { id } = parseRun(waiting.stdout).run;

    const [log, copy] = [join(server.folder, "appendonlydir"), join(server.folder, "copy")];
    cpSync(log, copy, { recursive: true });
    const agreed = await runProduct(here, ["approve", id, "viz", ...bus]);
    expect(parseRun(agreed.stdout).run.status).toBe("succeeded");
    await server.kill();
    rmSync(log, { recursive: true });
    cpSync(copy, log, { recursive: true });
    await server.restart();
    const refused = await runProduct(elsewhere, [
      ...["approve", id, "viz", "--reject", "no", ...bus],
    ]);
    expect(parseRun(refused.stdout).run.status).toBe("failed");

    const serving = startProduct(here, ["serve", ...bus.slice(0, 2), "--session", "first"]);
    const file = new DatabaseSync(join(here.state, "sessions.db"));
    const kept = file.prepare("SELECT status FROM runs WHERE run_id = ?");
    await waitUntil("the console has seen it", () => kept.get(id)?.["status"] === "failed");
    file.close();
    serving.child.kill("SIGTERM");
    await serving.ended;
    const shown = await runProduct(here, ["show", id, ...bus]);
    const run = parseRun(shown.stdout);
    expect(run.run.status).toBe("failed");
    expect(stepOf(run, "viz").failure?.kind).toBe("rejected");
    expect(stepOf(run, "simulation").attempts).toHaveLength(1);
  });
});
