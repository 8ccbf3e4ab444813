import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Place } from "../support/product.ts";
import { newPlace, runProduct, startProduct, untilNothingRuns } from "../support/product.ts";
import { waitUntil } from "../support/wait-until.ts";

describe("the session API", () => {
  test("starts a run, follows it to its end, and gives its files", async () => {
    const place = newPlace();
    const serving = startProduct(place, ["serve", "--output", "json"]);
    await waitUntil("it listens", () => serving.stdout().includes("\n"));
    const { address, tokenFile } = JSON.parse(serving.stdout());
    const headers = {
      authorization: `Bearer ${readFileSync(tokenFile, "utf8").trim()}`,
      "content-type": "application/json",
    };
    const post = async (path: string, body: object): Promise<Record<string, string>> => {
      const init = { method: "POST", headers, body: JSON.stringify(body) };
      return (await (await fetch(`${address}${path}`, init)).json()) as Record<string, string>;
    };
    const { sessionId } = await post("/v1/sessions", { name: "by HTTP" });
    const { runId } = await post(`/v1/sessions/${sessionId}/runs`, {});
    const events = await fetch(`${address}/v1/runs/${runId}/events`, { headers });
    const reader = events.body?.getReader();
    let text = "";
    while ((text.match(/result-received/g) ?? []).length < 3) {
      const part = await reader?.read();
      if (part?.done !== false) break;
      text += new TextDecoder().decode(part.value);
    }
    await reader?.cancel();
    expect(text).toMatch(/run-requested/);
    const run = await (await fetch(`${address}/v1/runs/${runId}`, { headers })).json();
    expect(run).toMatchObject({ run: { status: "succeeded", session: sessionId } });
    const sha256 = /"svg":\{[^}]*?"sha256":"([0-9a-f]{64})"/.exec(JSON.stringify(run))?.[1];
    const file = await fetch(`${address}/v1/runs/${runId}/artifacts/${sha256}`, { headers });
    expect(await file.text()).toContain("<svg");
    expect(await post(`/v1/runs/${runId}/rerun`, { step: "viz" })).toEqual({ runId });
    const absent = await fetch(`${address}/v1/sessions/absent`, { headers });
    expect(absent.status).toBe(404);
    serving.child.kill("SIGTERM");
    expect((await serving.ended).code).toBe(143);
    await untilNothingRuns(place);
  });
});

/** A console of another machine: other state, same Redis. */
async function onRedis(place: Place, redis: string, args: readonly string[]) {
  return await runProduct(place, [...args, "--redis", redis]);
}

describe("two machines on one Redis", () => {
  test("know the same sessions, and read back what one of them lost", async () => {
    const broker = newPlace();
    const holding = startProduct(broker, ["broker"]);
    await waitUntil("the broker is there", () => holding.stdout().includes("\n"));
    const redis = holding.stdout().trim();
    const [one, two] = [newPlace(), newPlace()];
    const ran = await onRedis(one, redis, ["run", "--session", "shared", "--output", "json"]);
    expect(ran.code).toBe(0);
    const runId = JSON.parse(ran.stdout).run.id;
    const second = await onRedis(two, redis, ["run", "--session", "shared", "--output", "json"]);
    expect(second.code).toBe(0);
    const session = JSON.parse(second.stdout).run.session;
    expect(session).toBe(JSON.parse(ran.stdout).run.session);
    const shown = await runProduct(two, ["show", runId, "--output", "json"]);
    expect(JSON.parse(shown.stdout).run).toMatchObject({ id: runId, status: "succeeded" });
    const renamed = await onRedis(two, redis, ["sessions", "rename", session, "ours"]);
    expect(renamed).toMatchObject({ code: 0 });
    await onRedis(one, redis, ["sessions", "rename", session, "all of ours"]);
    const exported = join(one.work, "x.aimie-session");
    expect(await runProduct(one, ["sessions", "export", session, exported])).toMatchObject({
      code: 0,
    });
    const third = newPlace();
    expect((await runProduct(third, ["sessions", "import", exported])).code).toBe(0);
    const listed = await runProduct(third, ["sessions", "--output", "json"]);
    expect(JSON.parse(listed.stdout)).toMatchObject([{ name: "all of ours" }]);
    const again = ["sessions", "delete", session];
    expect((await onRedis(two, redis, again)).code).toBe(2);
    expect((await onRedis(two, redis, [...again, "--yes"])).code).toBe(0);
    await onRedis(one, redis, ["sessions", "import", exported]);
    const left = await runProduct(one, ["sessions", "--output", "json"]);
    expect(JSON.parse(left.stdout)).toEqual([]);
    holding.child.kill("SIGTERM");
    await holding.ended;
  });
});
