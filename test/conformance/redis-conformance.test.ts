import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { startEmbeddedBroker } from "../../src/bus/embedded/server.ts";
import { REDIS_SERVER, type RedisServer, startRedisServer } from "../support/redis-server.ts";
import { connectResp, show } from "../support/resp-client.ts";
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
