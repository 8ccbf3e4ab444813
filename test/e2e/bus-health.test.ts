/** What the header of the screen tells of the bus, on a bus that gives it reason to. */
import { describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import type { RedisConnection } from "../../src/bus/connection.ts";
import { openConsole } from "../support/console-on-terminal.ts";
import { newPlace } from "../support/product.ts";
import { freePort, REDIS_SERVER, startRedisServer, withServer } from "../support/redis-server.ts";
import { waitUntil } from "../support/wait-until.ts";

const messageSchema = z.looseObject({ id: z.string(), subject: z.string().optional() });
const eventSchema = z.looseObject({ data: z.looseObject({ seq: z.int() }) });

/** The last event of a run, as if it were a later one of which the console missed the way there. */
async function laterEvent(redis: RedisConnection, runId: string): Promise<string> {
  const stream = `{aimie:default}:ev:${runId}`;
  const [[, fields] = ["", []]] = await redis.xrevrange(stream, "+", "-", "COUNT", 1);
  const event = eventSchema.parse(JSON.parse(fields[1] ?? ""));
  return JSON.stringify({ ...event, data: { ...event.data, seq: event.data.seq + 5 } });
}

describe.skipIf(REDIS_SERVER === undefined)(withServer("the header"), () => {
  test("counts what went wrong and tells how the bus is", async () => {
    const port = await freePort();
    const server = await startRedisServer({ port, keeps: true });
    onTestFinished(() => server.stop());
    const redis = server.connect();
    const listener = server.connect("subscriber");
    const results: string[] = [];
    await listener.psubscribe("result.qna");
    listener.on("pmessage", (_pattern: string, _topic: string, text: string) => results.push(text));
    const screen = openConsole(newPlace(), ["--redis", `redis://127.0.0.1:${port}`], 200);
    await screen.sees(/Redis ● live .*workers ready 4\/4/);
    expect(screen.text().split("\n")[1]).not.toMatch(/gaps|late|duplicate|malformed/);
    screen.press("\r");
    await screen.sees(/simulation-qna-viz · sir .*✓ succeeded/);
    const runId = /sir {2}(\S+)/.exec(screen.text())?.[1] ?? "";

    await redis.publish("task.qna", "no message");
    await screen.sees(/malformed 1/);
    const result = messageSchema.parse(JSON.parse(results[0] ?? ""));
    const { via: _, ...foreign } = result;
    await redis.publish("result.qna", JSON.stringify({ ...foreign, id: "again" }));
    await screen.sees(/duplicate 1/);
    const unknown = { ...foreign, id: "other", attempt: 9, subject: `${runId}.qna.9` };
    await redis.publish("result.qna", JSON.stringify(unknown));
    await screen.sees(/late 1/);
    await redis.publish("event.run", await laterEvent(redis, runId));
    await screen.sees(/gaps 1 {2}late 1 {2}duplicate 1 {2}malformed 1/);

    await waitUntil("the screen tells that it catches up", async () => {
      await redis.call("CLIENT", "KILL", "TYPE", "pubsub");
      return screen.text().includes("◐ catching up");
    });
    await screen.sees(/● live/);
    await server.kill();
    await screen.sees(/✗ disconnected for/);
    screen.press("r");
    await screen.sees(/Done again/i);
    screen.press("\r");
    await screen.sees(/does not answer .*nothing was changed — try again/);
    await server.restart();
    await screen.sees(/● live {2}gaps \d+ {2}late \d+ {2}duplicate 1 {2}malformed 1/);
    screen.press("q");
    expect(await screen.ended).toBe(0);
  }, 180_000);
});
