import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Redis } from "ioredis";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
  BROKERS,
  newPlace,
  processesOf,
  runProduct,
  startProduct,
  untilNothingRuns,
} from "../support/product.ts";
import { waitUntil } from "../support/wait-until.ts";

const settingsSchema = z.array(
  z.object({ name: z.string(), value: z.string(), source: z.string() }),
);

describe("looking around without a screen", () => {
  test("help names every verb and every exit code", async () => {
    const { code, stdout, stderr } = await runProduct(newPlace(), ["--help"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    for (const verb of ["run", "show", "sessions", "flows validate", "config", "broker"]) {
      expect(stdout).toContain(`aimie-console ${verb}`);
    }
    expect(stdout).toMatch(/Exit codes/);
    expect((await runProduct(newPlace(), ["-h"])).stdout).toBe(stdout);
  });

  test("the version is the package's", async () => {
    const file = join(import.meta.dirname, "../../package.json");
    const { version } = z
      .object({ version: z.string() })
      .parse(JSON.parse(readFileSync(file, "utf8")));
    const { code, stdout } = await runProduct(newPlace(), ["--version"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${version}\n` });
  });

  test("flows are listed with their parameters, the user's own among them", async () => {
    const place = newPlace();
    mkdirSync(join(place.work, "flows"));
    writeFileSync(
      join(place.work, "flows", "mine.yaml"),
      "name: mine\ndescription: My own.\nsteps:\n  one: { agent: simulation, input: { model: sir } }\n",
    );
    writeFileSync(join(place.work, "flows", "bad.yaml"), "name: bad\nsteps: {}\n");
    const { code, stdout, stderr } = await runProduct(place, ["flows"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^simulation-qna-viz {2}\(built-in\)$/m);
    expect(stdout).toMatch(/--set model=… +model, default "sir"/);
    expect(stdout).toMatch(/^mine {2}\(.*mine\.yaml\)$/m);
    expect(stdout).toMatch(/^models: .*sir/m);
    expect(stderr).toMatch(/bad\.yaml:2: .*at least one step/);
    const json = await runProduct(place, ["flows", "--output", "json"]);
    const names = z.array(z.looseObject({ name: z.string() })).parse(JSON.parse(json.stdout));
    expect(names.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["mine", "ask", "simulation-qna-viz"]),
    );
  });

  test("a flow file is validated, each problem with its line and remedy", async () => {
    const place = newPlace();
    const good = join(place.work, "good.yaml");
    writeFileSync(
      good,
      "name: good\nsteps:\n  one: { agent: simulation, input: { model: sir } }\n",
    );
    const valid = await runProduct(place, ["flows", "validate", "good.yaml"]);
    expect(valid).toMatchObject({ code: 0, stderr: "" });
    expect(valid.stdout).toBe("good.yaml is valid: one (simulation)\n");
    writeFileSync(
      join(place.work, "bad.yaml"),
      "name: bad\nsteps:\n  one: { agent: painter }\n  two: { agent: sculptor }\n",
    );
    const invalid = await runProduct(place, ["flows", "validate", "bad.yaml"]);
    expect(invalid.code).toBe(2);
    expect(invalid.stdout).toBe("");
    expect(invalid.stderr).toMatch(/bad\.yaml:3: .*unknown agent/);
    expect(invalid.stderr).toMatch(/bad\.yaml:4: .*unknown agent/);
    const json = await runProduct(place, ["flows", "validate", "bad.yaml", "--output", "json"]);
    expect(json.code).toBe(2);
    expect(JSON.parse(json.stderr)).toMatchObject({
      code: "usage",
      problems: [{ place: "bad.yaml:3" }, { place: "bad.yaml:4" }],
    });
    expect((await runProduct(place, ["flows", "validate"])).code).toBe(2);
    expect((await runProduct(place, ["flows", "check"])).code).toBe(2);
  });

  test("each setting is shown with where it comes from, and no password", async () => {
    const place = newPlace();
    mkdirSync(join(place.folder, "f", "aimie-console"), { recursive: true });
    writeFileSync(join(place.folder, "f", "aimie-console", "config.yaml"), "session: filed\n");
    writeFileSync(join(place.work, ".env"), "AIMIE_NAMESPACE=dotted\nAIMIE_AGENTS=own\n");
    const env = { AIMIE_REDIS_URL: "redis://me:s3cret@localhost:1", AIMIE_AGENTS: "none" };
    const args = ["config", "--broker", "auto"];
    const json = await runProduct(place, [...args, "--output", "json"], { env });
    expect(json).toMatchObject({ code: 0, stderr: "" });
    const settings = settingsSchema.parse(JSON.parse(json.stdout));
    const byName = new Map(settings.map(({ name, value, source }) => [name, [value, source]]));
    expect(byName.get("redis")).toEqual(["redis://***@localhost:1", "env AIMIE_REDIS_URL"]);
    expect(byName.get("broker")).toEqual(["auto", "flag --broker"]);
    expect(byName.get("namespace")).toEqual(["dotted", ".env"]);
    expect(byName.get("agents")).toEqual(["none", "env AIMIE_AGENTS"]);
    expect(byName.get("session")?.[0]).toBe("filed");
    expect(byName.get("session")?.[1]).toMatch(/config\.yaml$/);
    expect(byName.get("lease")).toEqual(["30000", "default"]);
    expect(byName.get("stateFolder")).toEqual([place.state, "env XDG_STATE_HOME"]);
    const text = await runProduct(place, args, { env });
    expect(text.stdout).toMatch(/^namespace +dotted +\(\.env\)$/m);
    expect(text.stdout + json.stdout).not.toContain("s3cret");
  });

  test("a setting that cannot be used is refused with its place", async () => {
    const place = newPlace();
    const env = await runProduct(place, ["config"], { env: { AIMIE_AGENTS: "many" } });
    expect(env.code).toBe(2);
    expect(env.stderr).toMatch(/AIMIE_AGENTS/);
    mkdirSync(join(place.folder, "f", "aimie-console"), { recursive: true });
    writeFileSync(join(place.folder, "f", "aimie-console", "config.yaml"), "sesion: typo\n");
    const file = await runProduct(place, ["config"]);
    expect(file.code).toBe(2);
    expect(file.stderr).toMatch(/config\.yaml: .*sesion/);
  });

  test("nothing that only looks starts a process", async () => {
    const place = newPlace();
    for (const verb of ["flows", "sessions", "config", "--help", "--version"]) {
      await runProduct(place, [verb]);
    }
    await untilNothingRuns(place);
  });
});

describe.each(BROKERS)("the %s broker", (broker) => {
  test("is started, prints where it listens, and is let go on ctrl-c", async () => {
    const place = newPlace(broker);
    const running = startProduct(place, ["broker"]);
    await waitUntil("the address is printed", () => running.stdout().endsWith("\n"));
    expect(running.stdout()).toBe(`unix:${place.socket}\n`);
    const client = new Redis({ path: place.socket });
    expect(await client.ping()).toBe("PONG");
    client.disconnect();
    running.child.kill("SIGINT");
    expect((await running.ended).code).toBe(130);
    await untilNothingRuns(place);
  });

  test("is shared by those who ask for it", async () => {
    const place = newPlace(broker);
    const running = [startProduct(place, ["broker"]), startProduct(place, ["broker"])];
    for (const one of running) {
      await waitUntil("the address is printed", () => one.stdout().endsWith("\n"));
    }
    await waitUntil("one broker serves both", () => {
      const brokers = processesOf(place.folder).filter(({ command }) =>
        /broker\.js /.test(command),
      );
      return brokers.length === 1;
    });
    for (const one of running) one.child.kill("SIGTERM");
    for (const one of running) expect((await one.ended).code).toBe(143);
    await untilNothingRuns(place);
  });
});
