import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { startEmbeddedBroker } from "../../src/bus/embedded/server.ts";
import { EmbeddedWorld } from "../support/embedded-world.ts";
import { handClock } from "../support/hand-clock.ts";
import { REDIS_SERVER, type RedisServer, startRedisServer } from "../support/redis-server.ts";
import { connectResp, show } from "../support/resp-client.ts";
import { waitUntil } from "../support/wait-until.ts";
import { COMMAND_SCRIPTS } from "./command-scripts.ts";
import { describeRedis } from "./redis-conformance.ts";
import { SAMPLE_SCRIPTS } from "./sample-scripts.ts";

async function startEmbedded(): Promise<Pick<RedisServer, "path" | "stop">> {
  const folder = await mkdtemp(join(tmpdir(), "embedded-"));
  const path = join(folder, "redis.sock");
  const broker = await startEmbeddedBroker({
    socketPath: path,
    scripts: SAMPLE_SCRIPTS,
    clock: systemClock,
    onBug: (error) => {
      throw error;
    },
  });
  return {
    path,
    async stop() {
      await broker.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

describeRedis("the embedded broker", startEmbedded);

const program = REDIS_SERVER;
if (program === undefined) {
  describe.skip("a real Redis (none on PATH: neither redis-server nor valkey-server)", () => {
    test("behaves as the embedded broker does", () => undefined);
  });
} else {
  describeRedis(`the real ${program}`, startRedisServer);

  describe(`the embedded broker against ${program}`, () => {
    let [real, embedded]: Pick<RedisServer, "path" | "stop">[] = [];
    beforeAll(async () => {
      [real, embedded] = await Promise.all([startRedisServer(), startEmbedded()]);
    });
    afterAll(() => Promise.all([real?.stop(), embedded?.stop()]));

    test.each(
      Object.entries(COMMAND_SCRIPTS).flatMap(([name, lines]) =>
        (["2", "3"] as const).map((protocol) => ({ name, lines, protocol })),
      ),
    )("answers alike in RESP$protocol: $name", async ({ lines, protocol }) => {
      const expected = await play(real!.path, lines, protocol);

      const actual = await play(embedded!.path, lines, protocol);

      expect(actual).toEqual(expected);
    });

    test("leaves a log that a real Redis reads to the same streams and groups", async () => {
      // Their clock is the real one, and what has ended by it would be gone.
      const world = new EmbeddedWorld({ clock: handClock(Date.now()) });
      for (const line of [
        ...Array.from({ length: 120 }, (_, n) => `XADD s MAXLEN ~ 100 ${n + 1}-1 n ${n}`),
        "XGROUP CREATE s g 30",
        "XREADGROUP GROUP g c1 COUNT 5 STREAMS s >",
        "XREADGROUP GROUP g c2 COUNT 3 STREAMS s >",
        "XACK s g 31-1",
        "XDEL s 32-1 40-1",
        "XCLAIM s g c2 0 33-1",
        "MULTI",
        "SET k v",
        "INCR n",
        "EXEC",
        "ZADD z 1.5 a -inf b",
        "SET kept v EX 100000",
      ]) {
        world.run(line.split(" "));
        if (line === "XACK s g 31-1") world.startRewrite();
      }
      world.finishRewrite();
      expect(world.rewrites).toBe(1);
      const server = await startRedisServer({ keeps: true, log: world.log() });
      const client = await connectResp(server.path);
      await waitUntil("it has read the log", async () =>
        show(await client.command("PING")).includes("PONG"),
      );
      try {
        for (const line of [
          "XRANGE s - +",
          "XINFO GROUPS s",
          "XPENDING s g - + 100 c1",
          "GET k",
          "GET n",
          "ZRANGE z 0 -1 WITHSCORES",
          "PEXPIRETIME kept",
        ]) {
          const theirs = show(await client.command(...line.split(" ")));
          // How long ago something was delivered differs by the two clocks.
          expect(`${line} ${theirs}`.replace(/(\$c\d) :\d+/g, "$1 :IDLE")).toBe(
            `${line} ${show(world.reply(line.split(" ")))}`.replace(/(\$c\d) :\d+/g, "$1 :IDLE"),
          );
        }
      } finally {
        client.close();
        await server.stop();
      }
    });
  });
}

/** Each command with the reply it got, times and the like replaced by a word. */
async function play(path: string, lines: readonly string[], protocol: string): Promise<string[]> {
  const client = await connectResp(path);
  await client.command("FLUSHALL");
  await client.command("HELLO", protocol);
  const played: string[] = [];
  for (const line of lines) {
    const reply = await client.command(...line.split(" "));
    played.push(`${line} → ${normalise(show(reply))}`);
  }
  client.close();
  return played;
}

function normalise(shown: string): string {
  return shown.replace(/\b1[678]\d{11}\b/g, "TIME").replace(/(\$idle) :\d+/g, "$1 :IDLE");
}
