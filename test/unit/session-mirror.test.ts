import { setImmediate } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Mirror, MirrorPort } from "../../src/session/mirror.ts";
import { createMirror } from "../../src/session/mirror.ts";
import type { SessionStore } from "../../src/session/store.ts";
import type { HandClock } from "../support/hand-clock.ts";
import { handClock } from "../support/hand-clock.ts";
import type { StoreFolder } from "../support/session-fixtures.ts";
import {
  created,
  entryIdOf,
  renamed,
  session1,
  session2,
  storeFolder,
} from "../support/session-fixtures.ts";

/** Keeps copies in memory; can be cut off, or fall silent. */
class MemoryMirrorPort implements MirrorPort {
  readonly calls: string[] = [];
  readonly headers = new Map<string, unknown>();
  state: "up" | "down" | "silent" = "up";
  tries = 0;

  private async reach(call: string): Promise<void> {
    this.tries += 1;
    if (this.state === "down") throw new Error("connection refused");
    if (this.state === "silent") await new Promise(() => undefined);
    this.calls.push(call);
  }
  async putHeader(sessionId: string, json: string): Promise<void> {
    await this.reach(`header ${sessionId}`);
    this.headers.set(sessionId, JSON.parse(json));
  }
  append(sessionId: string, entryId: string, json: string): Promise<void> {
    expect(JSON.parse(json)).toMatchObject({ sessionId, entryId });
    return this.reach(`append ${sessionId} ${Number(entryId.slice(2))}`);
  }
  remove(sessionId: string): Promise<void> {
    return this.reach(`remove ${sessionId}`);
  }
}

let folder: StoreFolder;
let store: SessionStore;
let port: MemoryMirrorPort;
let clock: HandClock;
let problems: string[];
let mirrors: Mirror[];
beforeEach(() => {
  folder = storeFolder();
  store = folder.open();
  port = new MemoryMirrorPort();
  clock = handClock();
  problems = [];
  mirrors = [];
});
afterEach(async () => {
  const closing = Promise.all(mirrors.map((mirror) => mirror.close()));
  clock.advance(10_000);
  await closing;
  expect(clock.pendingTimers).toBe(0);
  folder.remove();
});

function startMirror(): Mirror {
  const onProblem = (message: string): number => problems.push(message);
  const mirror = createMirror({ store, port, clock, onProblem });
  mirrors.push(mirror);
  return mirror;
}

const note = (n: number, sessionId = session1) =>
  ({ v: 1, type: "note-added", entryId: entryIdOf(n), sessionId, at: n, text: "x" }) as const;

test("copies what is there and what comes, in order and once", async () => {
  store.append(created(1, "Epidemics"));
  const mirror = startMirror();
  await mirror.idle();
  store.append(note(2));
  store.append(renamed(3, "Renamed"));
  await mirror.idle();
  await startMirror().idle();
  expect(port.calls).toEqual([
    "append S1 1",
    "header S1",
    "append S1 2",
    "append S1 3",
    "header S1",
  ]);
  expect(port.headers.get("S1")).toEqual({ sessionId: "S1", name: "Renamed", createdAt: 1 });
});

test("copies more entries than it reads at a time", async () => {
  for (let n = 1; n <= 120; n += 1) store.append(note(n));
  await startMirror().idle();
  expect(port.calls).toHaveLength(120);
});

test("copies an entry that comes while it is copying", async () => {
  store.append(note(1));
  const mirror = startMirror();
  store.append(note(2));
  await mirror.idle();
  expect(port.calls).toEqual(["append S1 1", "append S1 2"]);
});

test("takes a deleted session's copy away and adds nothing to it", async () => {
  store.append(created(1, "x"));
  const mirror = startMirror();
  await mirror.idle();
  store.append(note(2));
  store.append({
    v: 1,
    type: "session-deleted",
    entryId: entryIdOf(3),
    sessionId: session1,
    at: 3,
  });
  store.append(note(4, session2));
  await mirror.idle();
  expect(port.calls.slice(-2)).toEqual(["remove S1", "append S2 4"]);
  expect(port.calls.filter((call) => call === "remove S1")).toHaveLength(1);
});

test("tries again after a rest that grows, and tells of an outage once", async () => {
  port.state = "down";
  store.append(note(1));
  const mirror = startMirror();
  await setImmediate();
  for (let n = 0; n < 5; n += 1) {
    clock.advance(40_000);
    await setImmediate();
  }
  expect(port.tries).toBe(6);
  expect(problems).toEqual(["the session mirror is behind: connection refused"]);
  clock.advance(1000);
  await setImmediate();
  expect(port.tries).toBe(6);
  port.state = "up";
  clock.advance(40_000);
  await mirror.idle();
  expect(port.calls).toEqual(["append S1 1"]);
});

test("resumes at once when woken, after the last entry that was copied", async () => {
  store.append(note(1));
  const mirror = startMirror();
  await mirror.idle();
  port.state = "down";
  store.append(note(2));
  await setImmediate();
  store.append(note(3));
  port.state = "up";
  const idle = mirror.idle();
  mirror.wake();
  await idle;
  expect(port.calls).toEqual(["append S1 1", "append S1 2", "append S1 3"]);
});

test("does not wait for ever for an answer", async () => {
  port.state = "silent";
  store.append(note(1));
  startMirror();
  await setImmediate();
  clock.advance(10_000);
  await setImmediate();
  expect(problems).toEqual(["the session mirror is behind: no answer within 10 s"]);
});

test("closes although an answer is missing, and makes nothing of a later one", async () => {
  let answer: () => void = () => undefined;
  port.append = () =>
    new Promise((resolve) => {
      answer = resolve;
    });
  store.append(note(1));
  const mirror = startMirror();
  const closing = mirror.close();
  clock.advance(1000);
  await closing;
  answer();
  await setImmediate();
  expect(store.unmirrored(9)).toHaveLength(1);
});

test("copies everything again when the copies were lost", async () => {
  store.append(created(1, "x"));
  const mirror = startMirror();
  await mirror.idle();
  mirror.copyAgain();
  await mirror.idle();
  expect(port.calls.filter((call) => call === "append S1 1")).toHaveLength(2);
});

test("reports a damaged entry once and goes on", async () => {
  store.append(note(1));
  store.append(note(2));
  const damaged = { entryId: entryIdOf(1), entry: null };
  const tampered = {
    ...store,
    unmirrored: (maximum: number) =>
      store.unmirrored(maximum).map((one) => (one.entryId === damaged.entryId ? damaged : one)),
  };
  const onProblem = (message: string): number => problems.push(message);
  const mirror = createMirror({ store: tampered, port, clock, onProblem });
  mirrors.push(mirror);
  await mirror.idle();
  expect(problems).toEqual([`entry ${entryIdOf(1)} is damaged and has no copy`]);
  expect(port.calls).toEqual(["append S1 2"]);
});

test("rests when the store itself cannot be read", async () => {
  const failing = {
    ...store,
    unmirrored: () => {
      throw new Error("disk gone");
    },
  };
  const onProblem = (message: string): number => problems.push(message);
  mirrors.push(createMirror({ store: failing, port, clock, onProblem }));
  await setImmediate();
  expect(problems).toEqual(["the session mirror is behind: disk gone"]);
});

test("stops when closed, and lets nobody wait", async () => {
  port.state = "down";
  store.append(note(1));
  const mirror = startMirror();
  const idle = mirror.idle();
  await setImmediate();
  await mirror.close();
  await idle;
  await mirror.idle();
  mirror.wake();
  store.append(note(2));
  clock.advance(60_000);
  await setImmediate();
  expect(port.tries).toBe(1);
});

test("stops between two entries when closed, and copies the rest next time", async () => {
  store.append(note(1));
  store.append(note(2));
  const mirror = startMirror();
  await mirror.close();
  expect(port.calls).toEqual(["append S1 1"]);
  await startMirror().idle();
  expect(port.calls.at(-1)).toBe("append S1 2");
});
