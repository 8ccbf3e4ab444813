import { createHash } from "node:crypto";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { RedisServer } from "../support/redis-server.ts";
import { connectResp, encodeCommand, type RespClient, show } from "../support/resp-client.ts";
import { SAMPLE_SCRIPTS } from "./sample-scripts.ts";

const [SETTLE, BREAKING] = SAMPLE_SCRIPTS;

function shaOf(text: string): string {
  return createHash("sha1").update(text).digest("hex");
}

/** What every Redis of ours must do, embedded or real: the part the bus leans on. */
export function describeRedis(
  name: string,
  start: () => Promise<Pick<RedisServer, "path" | "stop">>,
): void {
  describe(name, () => {
    let server: Pick<RedisServer, "path" | "stop">;
    let open: { disconnect(): void }[] = [];
    beforeAll(async () => {
      server = await start();
    });
    afterAll(() => server.stop());
    afterEach(() => {
      for (const client of open) client.disconnect();
      open = [];
    });

    const connectRaw = async (): Promise<RespClient> => {
      const client = await connectResp(server.path);
      open.push({ disconnect: () => client.close() });
      return client;
    };
    const connectRedis = ({ protocol = 3 }: { readonly protocol?: 2 | 3 } = {}): Redis => {
      const redis = new Redis({ path: server.path, protocol, retryStrategy: () => null });
      open.push(redis);
      return redis;
    };
    const untilBlocked = async (redis: RespClient, count = 1): Promise<void> => {
      const info = show(await redis.command("INFO", "clients"));
      if (!info.includes(`blocked_clients:${count}\r`)) await untilBlocked(redis, count);
    };
    beforeEach(async () => {
      const client = await connectRaw();
      await client.command("FLUSHALL");
      client.close();
    });

    describe.each([2, 3] as const)("through ioredis in RESP%i", (protocol) => {
      test("becomes ready and keeps hashes", async () => {
        const redis = connectRedis({ protocol });
        await redis.hset("h", { a: "1", b: "é" });

        expect(await redis.hgetall("h")).toEqual({ a: "1", b: "é" });
      });

      test("delivers to a group, takes acknowledgements and keeps what is pending", async () => {
        const redis = connectRedis({ protocol });
        await redis.xgroup("CREATE", "s", "g", "0", "MKSTREAM");
        const first = await redis.xadd("s", "*", "n", "1");
        await redis.xadd("s", "*", "n", "2");

        await redis.xreadgroup("GROUP", "g", "c", "STREAMS", "s", ">");
        const acknowledged = await redis.xack("s", "g", first!);

        expect(acknowledged).toBe(1);
        expect((await redis.xpending("s", "g"))[0]).toBe(1);
      });

      test("wakes a blocked reader with what another client adds", async () => {
        const [reader, writer, observer] = [
          connectRedis({ protocol }),
          connectRedis({ protocol }),
          await connectRaw(),
        ];
        const read = reader.xread("BLOCK", 0, "STREAMS", "s", "$");
        await untilBlocked(observer);

        await writer.xadd("s", "1-1", "n", "1");

        expect(JSON.stringify(await read)).toContain('["1-1",["n","1"]]');
      });

      test("publishes to channels and patterns", async () => {
        const [listener, writer] = [connectRedis({ protocol }), connectRedis({ protocol })];
        const heard: string[] = [];
        const done = new Promise<void>((resolve) => {
          const hear = (what: string) => heard.push(what) === 2 && resolve();
          listener.on("message", (channel, text) => hear(`${channel}: ${text}`));
          listener.on("pmessage", (pattern, channel, text) =>
            hear(`${pattern} ${channel}: ${text}`),
          );
        });
        await listener.subscribe("task.qna");
        await listener.psubscribe("task.*");

        const deliveries = await writer.publish("task.qna", "é");
        await done;

        expect(deliveries).toBe(2);
        expect(heard.sort()).toEqual(["task.* task.qna: é", "task.qna: é"]);
      });

      test("runs a script by its digest, with the conversions of Lua", async () => {
        const redis = connectRedis({ protocol });
        const sha = await redis.script("LOAD", SETTLE.lua);

        const first = await redis.evalsha(String(sha), 2, "h", "s", "done");
        const second = await redis.eval(SETTLE.lua, 2, "h", "s", "again");

        expect(sha).toBe(shaOf(SETTLE.lua));
        expect(first).toEqual([1, null, 3, [2, "é"], "added"]);
        expect(second).toEqual([0, "done"]);
        expect(await redis.xlen("s")).toBe(1);
      });

      test("refuses a transaction whose watched key changed", async () => {
        const [redis, other] = [connectRedis({ protocol }), connectRedis({ protocol })];
        await redis.watch("k");
        await other.set("k", "theirs");

        expect(await redis.multi().set("k", "ours").exec()).toBeNull();
        expect(await redis.get("k")).toBe("theirs");
      });
    });

    test("keeps what a script wrote before it failed", async () => {
      const client = await connectRaw();
      await client.command("SCRIPT", "LOAD", BREAKING.lua);

      const reply = show(await client.command("EVALSHA", shaOf(BREAKING.lua), "1", "k"));

      expect(reply).toMatch(/^-WRONGTYPE .* script: [0-9a-f]{40}, on @user_script:\d+\.$/);
      expect(show(await client.command("GET", "k"))).toBe("$written");
    });

    test("serves a blocked group reader only after the whole script has run", async () => {
      const [reader, writer] = [await connectRaw(), await connectRaw()];
      await reader.command("XGROUP", "CREATE", "s", "g", "0", "MKSTREAM");
      reader.send(encodeCommand("XREADGROUP GROUP g c BLOCK 0 STREAMS s >".split(" ")));
      await untilBlocked(writer);

      await writer.command("EVAL", SETTLE.lua, "2", "h", "s", "done");

      expect(show(await reader.next())).toContain("*[$result $done]");
    });

    test.each([
      ["DEL s", "-UNBLOCKED the stream key no longer exists"],
      ["FLUSHALL", "-UNBLOCKED the stream key no longer exists"],
      ["SET s x", "-UNBLOCKED the stream key no longer exists"],
      [
        "XGROUP DESTROY s g",
        "-NOGROUP the consumer group this client was blocked on no longer exists",
      ],
    ])("tells a blocked group reader of %s", async (command, expected) => {
      const [reader, writer] = [await connectRaw(), await connectRaw()];
      await reader.command("XGROUP", "CREATE", "s", "g", "0", "MKSTREAM");
      reader.send(encodeCommand("XREADGROUP GROUP g c BLOCK 0 STREAMS s >".split(" ")));
      await untilBlocked(writer);

      await writer.command(...command.split(" "));

      expect(show(await reader.next())).toBe(expected);
    });

    test("gives an entry to the reader of the group that waited longest", async () => {
      const [first, second, writer] = [await connectRaw(), await connectRaw(), await connectRaw()];
      await writer.command("XGROUP", "CREATE", "s", "g", "0", "MKSTREAM");
      first.send(encodeCommand("XREADGROUP GROUP g c1 BLOCK 0 STREAMS s >".split(" ")));
      await untilBlocked(writer, 1);
      second.send(encodeCommand("XREADGROUP GROUP g c2 BLOCK 0 STREAMS s >".split(" ")));
      await untilBlocked(writer, 2);

      await writer.command("XADD", "s", "1-1", "n", "1");
      await writer.command("XADD", "s", "2-1", "n", "2");

      expect(show(await first.next())).toContain("$1-1");
      expect(show(await second.next())).toContain("$2-1");
    });

    test("runs the commands behind a blocking read after it", async () => {
      const [reader, writer] = [await connectRaw(), await connectRaw()];
      reader.send(
        encodeCommand("XREAD BLOCK 0 STREAMS s $".split(" ")) + encodeCommand(["XLEN", "s"]),
      );
      await untilBlocked(writer);

      await writer.command("XADD", "s", "1-1", "n", "1");

      expect(show(await reader.next())).toBe("*[*[$s *[*[$1-1 *[$n $1]]]]]");
      expect(show(await reader.next())).toBe(":1");
    });

    test("ends a blocking read by its time, and by CLIENT UNBLOCK", async () => {
      const [reader, writer] = [await connectRaw(), await connectRaw()];
      expect(show(await reader.command("XREAD", "BLOCK", "1", "STREAMS", "s", "$"))).toBe("*-1");
      const id = (await reader.command("CLIENT", "ID")).text ?? "";
      reader.send(encodeCommand("XREAD BLOCK 0 STREAMS s $".split(" ")));
      await untilBlocked(writer);

      expect(show(await writer.command("CLIENT", "UNBLOCK", id, "ERROR"))).toBe(":1");

      expect(show(await reader.next())).toBe("-UNBLOCKED client unblocked via CLIENT UNBLOCK");
    });

    test("forgets a reader that went away while it waited", async () => {
      const [reader, writer] = [await connectRaw(), await connectRaw()];
      await writer.command("XGROUP", "CREATE", "s", "g", "0", "MKSTREAM");
      reader.send(encodeCommand("XREADGROUP GROUP g c BLOCK 0 STREAMS s >".split(" ")));
      await untilBlocked(writer);
      reader.close();
      await untilBlocked(writer, 0);

      await writer.command("XADD", "s", "1-1", "n", "1");

      expect(show(await writer.command("XPENDING", "s", "g"))).toBe("*[:0 $-1 $-1 *-1]");
    });

    test("limits a RESP2 subscriber, and not a RESP3 one", async () => {
      const client = await connectRaw();
      expect(show(await client.command("SUBSCRIBE", "c"))).toBe("*[$subscribe $c :1]");
      expect(show(await client.command("GET", "k"))).toMatch(/^-ERR Can't execute 'get': only/);
      expect(show(await client.command("PING"))).toBe("*[$pong $]");
      expect(show(await client.command("UNSUBSCRIBE"))).toBe("*[$unsubscribe $c :0]");
      await client.command("HELLO", "3");

      expect(show(await client.command("PSUBSCRIBE", "c*"))).toBe(">[$psubscribe $c* :1]");
      expect(show(await client.command("GET", "k"))).toBe("_");
    });

    test("pushes messages to a RESP3 client while it waits for a stream", async () => {
      const [client, writer] = [await connectRaw(), await connectRaw()];
      await client.command("HELLO", "3");
      await client.command("SUBSCRIBE", "c");
      client.send(encodeCommand("XREAD BLOCK 0 STREAMS s $".split(" ")));
      await untilBlocked(writer);

      await writer.command("PUBLISH", "c", "hello");
      expect(show(await client.next())).toBe(">[$message $c $hello]");
      await writer.command("XADD", "s", "1-1", "n", "1");
      expect(show(await client.next())).toBe("%[$s *[*[$1-1 *[$n $1]]]]");
    });

    test("lets a key end by itself", async () => {
      const client = await connectRaw();
      await client.command("SET", "k", "v", "PX", "1");
      let left = ":1";
      while (left !== ":0") left = show(await client.command("DBSIZE"));

      expect(show(await client.command("GET", "k"))).toBe("$-1");
    });

    test("takes inline commands, quotes included", async () => {
      const client = await connectRaw();
      client.send('\r\nSET k "a \\x41\\n"\r\nGET k\r\n');

      expect(show(await client.next())).toBe("+OK");
      expect(show(await client.next())).toBe("$a A\n");
    });

    test("keeps every byte of a value", async () => {
      const client = await connectRaw();
      const bytes = String.fromCharCode(...Array.from({ length: 256 }, (_, byte) => byte));
      client.send(`*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$256\r\n${bytes}\r\n`);
      await client.next();

      expect((await client.command("GET", "k")).text).toBe(bytes);
    });

    test.each([
      ["*1\r\nPING\r\n", "-ERR Protocol error: expected '$', got 'P'"],
      ["*1\r\n$x\r\n", "-ERR Protocol error: invalid bulk length"],
      ["*1\r\n$999999999999\r\n", "-ERR Protocol error: invalid bulk length"],
      ["*99999999999\r\n", "-ERR Protocol error: invalid multibulk length"],
      ["*x\r\n", "-ERR Protocol error: invalid multibulk length"],
      ['SET "a\r\n', "-ERR Protocol error: unbalanced quotes in request"],
      ["a".repeat(70_000), "-ERR Protocol error: too big inline request"],
    ])("closes on malformed bytes: %#", async (bytes, expected) => {
      const client = await connectRaw();
      client.send(`PING\r\n${bytes}`);

      expect(show(await client.next())).toBe("+PONG");
      expect(show(await client.next())).toBe(expected);
      expect(await client.next()).toBeUndefined();
    });

    test("cuts a subscriber that stops reading, and goes on", async () => {
      const [lazy, writer] = [connectRedis(), await connectRaw()];
      await lazy.subscribe("c");
      lazy.stream.pause();
      const message = "x".repeat(1024 * 1024);
      let deliveries = ":1";
      for (let sent = 0; deliveries === ":1" && sent < 200; sent += 1) {
        deliveries = show(await writer.command("PUBLISH", "c", message));
      }

      expect(deliveries).toBe(":0");
      expect(show(await writer.command("PING"))).toBe("+PONG");
    });
  });
}
