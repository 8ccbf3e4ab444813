import fc from "fast-check";
import { expect, test } from "vitest";
import { EmbeddedWorld } from "../support/embedded-world.ts";

/**
 * Any commands, any end of the file, a rewrite at any moment: what is played from the log is what
 * the broker held after some of its changes, and after all of them when the file is whole.
 */

const key = fc.constantFrom("a", "b", "s", "t");
const text = fc.constantFrom("", "1", "7", "x y", "é\r\n$3");
const id = fc.constantFrom("1-1", "2-1", "3-*", "5-5", "18446744073709551614-3", "*");
const known = fc.constantFrom("1-1", "2-1", "3-0", "3-1", "5-5", "1000-0", "1000-1");
const group = fc.constantFrom("g", "h");
const consumer = fc.constantFrom("c", "d");
const words = (...parts: readonly (string | fc.Arbitrary<string>)[]) =>
  fc
    .tuple(...parts.map((part) => (typeof part === "string" ? fc.constant(part) : part)))
    .map((all) => all.filter((word) => word !== "-skip-"));
const maybe = (...options: readonly string[]) => fc.constantFrom("-skip-", ...options);

const command = fc.oneof(
  words("SET", key, text, maybe("NX", "XX", "GET", "KEEPTTL")),
  words("SET", key, text, fc.constantFrom("EX", "PX"), fc.constantFrom("5", "700")),
  words("SETEX", key, "9", text),
  words("INCRBY", key, fc.constantFrom("1", "-3")),
  words("APPEND", key, text),
  words("GETDEL", key),
  words("HSET", key, text, text),
  words("HDEL", key, text),
  words("RPUSH", key, text, text),
  words("LPUSH", key, text),
  words("LPOP", key),
  words("SADD", key, text, text),
  words("SREM", key, text),
  words("ZADD", key, fc.constantFrom("1.5", "-inf", "3e20"), text),
  words("ZINCRBY", key, "0.1", text),
  words("ZPOPMIN", key),
  words("EXPIRE", key, fc.constantFrom("1", "3", "-1")),
  words("PERSIST", key),
  words("DEL", key, key),
  words("RENAME", key, key),
  words("MSET", key, text, key, text),
  words("XADD", key, maybe("NOMKSTREAM"), id, "f", text),
  words("XADD", key, "MAXLEN", maybe("~", "="), "2", "*", "f", text),
  words("XADD", key, "MINID", "3", "*", "f", text),
  words("XTRIM", key, "MAXLEN", fc.constantFrom("0", "1")),
  words("XDEL", key, known, known),
  words("XSETID", key, "18446744073709551615-9", "ENTRIESADDED", "40", "MAXDELETEDID", known),
  words("XGROUP", "CREATE", key, group, fc.constantFrom("0", "$", "2-1"), "MKSTREAM"),
  words("XGROUP", "SETID", key, group, fc.constantFrom("0", "$")),
  words("XGROUP", "DESTROY", key, group),
  words("XGROUP", "CREATECONSUMER", key, group, consumer),
  words("XGROUP", "DELCONSUMER", key, group, consumer),
  words("XREADGROUP", "GROUP", group, consumer, "COUNT", "2", "STREAMS", key, ">"),
  words("XREADGROUP", "GROUP", group, consumer, "NOACK", "STREAMS", key, ">"),
  words("XREADGROUP", "GROUP", group, consumer, "STREAMS", key, "0"),
  words("XACK", key, group, known, known),
  words("XCLAIM", key, group, consumer, "0", known, known, maybe("FORCE", "JUSTID")),
  words("XCLAIM", key, group, consumer, "0", known, "LASTID", "9-9", "RETRYCOUNT", "4"),
  words("XAUTOCLAIM", key, group, consumer, "0", "0", "COUNT", "2"),
  words(fc.constantFrom("MULTI", "EXEC", "EXEC", "DISCARD")),
);
const step = fc.oneof(
  { weight: 40, arbitrary: fc.record({ type: fc.constant("command" as const), command }) },
  { weight: 3, arbitrary: fc.constant({ type: "wait" as const }) },
  { weight: 1, arbitrary: fc.constant({ type: "rewrite" as const }) },
  { weight: 1, arbitrary: fc.constant({ type: "flush" as const }) },
);
const steps = fc.array(step, { minLength: 1, maxLength: 60 });

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

function play(world: EmbeddedWorld, all: readonly Step[]): void {
  for (const one of all) {
    if (one.type === "command") world.run(one.command);
    else if (one.type === "wait") world.passTime(700);
    else if (one.type === "rewrite") world.startRewrite();
    else world.run(["FLUSHALL"]);
  }
}

test("plays to what the broker held", () => {
  fc.assert(
    fc.property(steps, (all) => {
      const world = new EmbeddedWorld();
      play(world, all);

      expect(world.reloaded()).toEqual(world.dump());
    }),
    { numRuns: 300 },
  );
});

test("plays to what it held after some of its changes, wherever the file ends", () => {
  fc.assert(
    fc.property(steps, fc.double({ min: 0, max: 1, noNaN: true }), (all, share) => {
      const world = new EmbeddedWorld();
      play(
        world,
        all.filter(({ type }) => type !== "rewrite"),
      );
      const length = Math.floor(world.log().length * share);

      const reloaded = world.reloaded(length);

      expect(world.history()).toContainEqual(reloaded);
    }),
    { numRuns: 300 },
  );
});

test("plays to what the broker held after a rewrite that went on beside the commands", () => {
  fc.assert(
    fc.property(steps, steps, (before, during) => {
      const world = new EmbeddedWorld();
      play(world, before);
      world.startRewrite();
      for (const one of during) {
        play(world, [one]);
        world.stepRewrite();
      }
      world.finishRewrite();

      expect(world.rewrites).toBeGreaterThan(0);
      expect(world.reloaded()).toEqual(world.dump());
    }),
    { numRuns: 300 },
  );
});
