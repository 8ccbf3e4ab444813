import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { maskAddress, maskUrl, parseBusAddress, splitHosts } from "../../src/bus/address.ts";

describe("reading an address", () => {
  test.each([
    ["redis://127.0.0.1:6379", "single"],
    ["redis://localhost", "single"],
    ["rediss://user:secret@cache.example:6380/2", "single"],
    ["redis-sentinel://a:26379,b:26379/main", "sentinel"],
    ["redis-cluster://a:7000,b:7001", "cluster"],
    ["rediss-cluster://:secret@a:7000", "cluster"],
    ["redis-cluster://[::1]:7000,[::2]:7000", "cluster"],
  ])("takes %s for a %s", (url, kind) => {
    expect(parseBusAddress(url)).toEqual({ ok: true, value: { kind, url } });
  });

  test.each([
    ["unix:/run/redis.sock", "/run/redis.sock"],
    ["unix:///run/redis.sock", "/run/redis.sock"],
    ["/run/redis.sock", "/run/redis.sock"],
  ])("takes %s for a socket", (text, path) => {
    expect(parseBusAddress(text)).toEqual({ ok: true, value: { kind: "unix", path } });
  });

  test.each([
    "",
    "localhost:6379",
    "http://localhost:6379",
    "redis:",
    "redis://",
    "redis:///0",
    "redis://localhost:port",
    "redis-cluster://a:port",
    "redis-cluster://a:70000",
    "redis-cluster://a:1,:2",
    "redis-cluster://:100%@a:1",
    "constructor://a",
  ])("refuses %j and names the forms it understands", (text) => {
    expect(parseBusAddress(text)).toEqual({
      ok: false,
      error: expect.stringContaining("redis://[user:password@]host:port"),
    });
  });

  test("wants the full path of a socket", () => {
    expect(parseBusAddress("unix:redis.sock")).toEqual({
      ok: false,
      error: "unix: needs a full path",
    });
  });

  test("never repeats a text that it refuses: it may hold a password", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const parsed = parseBusAddress(`redis-cluster://:hunter2@${text}`);
        if (!parsed.ok) expect(parsed.error).not.toContain("hunter2");
      }),
    );
  });
});

describe("the hosts of an address", () => {
  test("come with the credentials decoded and the name after them", () => {
    expect(splitHosts("redis-sentinel://ann:p%40ss@a:1,b/main")).toEqual({
      hosts: [
        { host: "a", port: 1 },
        { host: "b", port: 6379 },
      ],
      username: "ann",
      password: "p@ss",
      name: "main",
    });
  });

  test("may be numbers of the sixth version", () => {
    expect(splitHosts("redis-cluster://[::1]:7000,[fe80::2]").hosts).toEqual([
      { host: "::1", port: 7000 },
      { host: "fe80::2", port: 6379 },
    ]);
  });

  test("need no credentials and no name", () => {
    expect(splitHosts("redis-cluster://a")).toMatchObject({
      username: undefined,
      password: undefined,
      name: "",
    });
  });
});

describe("showing an address", () => {
  test.each([
    ["redis://user:hunter2@host:6379/0", "redis://***@host:6379/0"],
    ["redis://:hunter2@host", "redis://***@host"],
    ["rediss://token-hunter2@host", "rediss://***@host"],
    ["redis://user:hunter2@hunter2@host", "redis://***@host"],
    ["redis://user:12/hunter2@host", "redis://***@host"],
    ["redis://user:12#hunter2@host", "redis://***@host"],
    ["redis://user:12?hunter2@host", "redis://***@host"],
    ["redis://host/0?password=hunter2", "redis://host/0?***"],
    ["redis-sentinel://u:hunter2@a:1,b:2/main", "redis-sentinel://***@a:1,b:2/main"],
    ["redis://host:6379", "redis://host:6379"],
    ["/home/ann//b@c/x", "/home/ann//b@c/x"],
  ])("%s is shown as %s", (url, shown) => {
    expect(maskUrl(url)).toBe(shown);
  });

  test("a socket is shown by its path", () => {
    expect(maskAddress({ kind: "unix", path: "/run/redis.sock" })).toBe("unix:/run/redis.sock");
  });

  test("no password ever appears, whatever it is made of", () => {
    const scheme = fc.constantFrom(
      "redis",
      "rediss",
      "redis-sentinel",
      "redis-cluster",
      "rediss-cluster",
    );
    const password = fc.string({ minLength: 1, maxLength: 20, unit: "grapheme-ascii" });
    fc.assert(
      fc.property(scheme, password, fc.boolean(), (name, text, encoded) => {
        const secret = `q${text}q`;
        const url = `${name}://user:${encoded ? encodeURIComponent(secret) : secret}@host:1`;
        const parsed = parseBusAddress(url);
        const shown = parsed.ok ? maskAddress(parsed.value) : parsed.error;
        expect(shown).not.toContain(secret);
        expect(shown).not.toContain(encodeURIComponent(secret));
        if (parsed.ok) expect(shown).toBe(`${name}://***@host:1`);
      }),
    );
  });
});
