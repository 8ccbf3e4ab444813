import { expect, test } from "vitest";
import { EmbeddedWorld } from "../support/embedded-world.ts";

test("takes nothing more while the disk is full, still reads, and recovers", () => {
  const world = new EmbeddedWorld();
  world.run(["SET", "kept", "1"]);
  world.disk.room = 10;

  expect(world.run(["SET", "half", "2"])).toBe(false);

  expect(world.ask("SET", "k", "3")).toMatch(
    /^-MISCONF Errors writing to the AOF file: ENOSPC: no space left on device$/,
  );
  expect(world.ask("EVALSHA", "0", "0")).toMatch(/^-MISCONF/);
  expect(world.ask("GET", "kept")).toBe("1");
  world.disk.room = Number.POSITIVE_INFINITY;
  world.passTime(1000);
  expect(world.ask("SET", "k", "3")).toBe("+OK");
  expect(world.reloaded()).toEqual(world.dump());
  expect(world.said).toEqual([
    expect.stringContaining("changes are refused until it can be written"),
    expect.stringContaining("can be written again"),
  ]);
});

test("aborts a transaction that was queued before the disk was full", () => {
  const world = new EmbeddedWorld();
  world.ask("MULTI");
  world.ask("SET", "k", "1");
  world.disk.room = 0;
  world.runAsAnother(["SET", "other", "1"]);

  expect(world.ask("EXEC")).toMatch(/^-EXECABORT Transaction discarded because of: MISCONF/);

  expect(world.ask("EXEC")).toBe("-ERR EXEC without MULTI");
});

test("writes a new file after a sync that failed, and takes changes again", () => {
  const world = new EmbeddedWorld({ fsync: "always" });
  world.run(["SET", "a", "1"]);
  world.disk.syncFails = true;

  expect(world.run(["SET", "b", "2"])).toBe(false);

  expect(world.ask("SET", "c", "3")).toMatch(/^-MISCONF .*EIO: i\/o error$/);
  world.disk.syncFails = false;
  world.passTime(1000);
  world.finishRewrite();
  expect(world.ask("SET", "c", "3")).toBe("+OK");
  expect(world.reloaded()).toEqual(world.dump());
});

test("syncs before each answer with always, and each second otherwise", () => {
  const [always, everySecond] = [
    new EmbeddedWorld({ fsync: "always" }),
    new EmbeddedWorld({ fsync: "everysec" }),
  ];
  let syncs = "";
  always.disk.onSync = () => (syncs += "a");
  everySecond.disk.onSync = () => (syncs += "e");

  for (const world of [always, everySecond]) world.run(["SET", "k", "1"]);
  expect(syncs).toBe("a");
  for (const world of [always, everySecond]) world.passTime(1000);

  expect(syncs).toBe("ae");
});

test("keeps the old file when there is no room for a new one", () => {
  const world = new EmbeddedWorld();
  world.run(["SET", "a", "1"]);
  world.startRewrite();
  world.disk.room = 5;

  world.finishRewrite();

  world.disk.room = Number.POSITIVE_INFINITY;
  expect(world.run(["SET", "b", "2"])).toBe(true);
  expect(world.rewrites).toBe(0);
  expect([...world.disk.files.keys()]).toEqual(["/log"]);
  expect(world.reloaded()).toEqual(world.dump());
});

test("rewrites once the file has doubled, and shortens it", () => {
  const world = new EmbeddedWorld({ rewriteMinBytes: 2000 });

  for (let turn = 0; turn < 200; turn += 1) world.run(["INCR", "n"]);
  world.finishRewrite();

  expect(world.rewrites).toBeGreaterThan(0);
  expect(world.log().length).toBeLessThan(3000);
  expect(world.reloaded()).toEqual(world.dump());
});

test("cuts off a last change that is torn, and says so", () => {
  const world = new EmbeddedWorld();
  world.run(["SET", "a", "1"]);
  const whole = world.dump();
  world.run(["SET", "b", "2"]);

  const next = world.restarted((log) => log.subarray(0, log.length - 3));

  expect(next.dump()).toEqual(whole);
  expect(next.said).toEqual([expect.stringMatching(/last change was not written to its end/)]);
  next.run(["SET", "c", "3"]);
  expect(next.reloaded()).toEqual(next.dump());
});

test("takes zero bytes at the end for what a loss of power left", () => {
  const world = new EmbeddedWorld();
  world.run(["SET", "a", "1"]);

  const next = world.restarted((log) => Buffer.concat([log, Buffer.alloc(4096)]));

  expect(next.dump()).toEqual(world.dump());
});

test.each([
  ["a byte that cannot be there", (log: Buffer) => log.fill("x", 26, 27), "damaged at byte 26 of"],
  [
    "a wrong length",
    (log: Buffer) => Buffer.from(log.toString("latin1").replace("$3", "$4"), "latin1"),
    "no line end where one must be",
  ],
  [
    "a length that reaches beyond the end",
    (log: Buffer) => Buffer.from(log.toString("latin1").replace("$3", "$300"), "latin1"),
    "a length that swallows what comes after it",
  ],
  [
    "a command nobody knows",
    (log: Buffer) => Buffer.from(log.toString("latin1").replace("INCR", "INCX"), "latin1"),
    "unknown command 'INCX'",
  ],
])("refuses a log with %s, and tells what to do", (_what, damage, message) => {
  const world = new EmbeddedWorld();
  world.run(["SET", "a", "1"]);
  world.run(["INCR", "a"]);

  expect(() => world.restarted(damage)).toThrow(
    expect.objectContaining({
      code: "bus-unreachable",
      message: expect.stringContaining(message),
      nextStep: expect.stringMatching(/^move the file away .* truncate -s \d+ \/log$/),
    }),
  );
});

test("keeps when keys end, and that they have", () => {
  const world = new EmbeddedWorld();
  world.run(["SET", "short", "1", "PX", "100"]);
  world.run(["SET", "long", "1", "EX", "100"]);
  world.passTime(200);

  const next = world.restarted();

  expect(world.log().toString()).toContain("*2\r\n$3\r\nDEL\r\n$5\r\nshort\r\n");
  expect(next.dump()).toEqual(["long 101000 string 1"]);
});
