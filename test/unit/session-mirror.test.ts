import { setImmediate } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { SessionId } from "../../src/protocol/ids.ts";
import type { Mirror } from "../../src/session/mirror.ts";
import { createMirror } from "../../src/session/mirror.ts";
import type { SessionStore } from "../../src/session/store.ts";
import type { HandClock } from "../support/hand-clock.ts";
import { handClock } from "../support/hand-clock.ts";
import { MemoryMirror } from "../support/memory-mirror.ts";
import type { StoreFolder } from "../support/session-fixtures.ts";
import {
  created,
  entryIdOf,
  renamed,
  session1,
  session2,
  storeFolder,
} from "../support/session-fixtures.ts";

/** Writes down what it is asked; can be cut off, or fall silent. */
class RecordingMirror extends MemoryMirror {
  readonly calls: string[] = [];
  state: "up" | "down" | "silent" = "up";
  tries = 0;

  async #reach(call?: string): Promise<void> {
    this.tries += 1;
    if (this.state === "down") throw new Error("connection refused");
    if (this.state === "silent") await new Promise(() => undefined);
    if (call !== undefined) this.calls.push(call);
  }
  override async changes(beyond: number): ReturnType<MemoryMirror["changes"]> {
    await this.#reach();
    return await super.changes(beyond);
  }
  override async putHeader(sessionId: SessionId, json: string): Promise<void> {
    await this.#reach(`header ${sessionId}`);
    await super.putHeader(sessionId, json);
  }
  override async append(sessionId: SessionId, entryId: string, json: string): Promise<void> {
    expect(JSON.parse(json)).toMatchObject({ sessionId, entryId });
    await this.#reach(`append ${sessionId} ${Number(entryId.slice(2))}`);
    await super.append(sessionId, entryId, json);
  }
  override async remove(sessionId: SessionId, json: string): Promise<void> {
    await this.#reach(`remove ${sessionId}`);
    await super.remove(sessionId, json);
  }
}

let folder: StoreFolder;
let store: SessionStore;
let port: RecordingMirror;
let clock: HandClock;
let problems: string[];
let mirrors: Mirror[];
beforeEach(() => {
  folder = storeFolder();
  store = folder.open();
  port = new RecordingMirror();
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
  expect(JSON.parse(port.headers.get(session1) ?? "")).toEqual({
    sessionId: "S1",
    name: "Renamed",
    createdAt: 1,
  });
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
  await setImmediate();
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
  port.lose();
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
  let closing: Promise<void> | undefined;
  const append = port.append.bind(port);
  port.append = (...entry) => {
    closing ??= mirror.close();
    return append(...entry);
  };
  await mirror.idle();
  await closing;
  expect(port.calls).toEqual(["append S1 1"]);
  await startMirror().idle();
  expect(port.calls.at(-1)).toBe("append S1 2");
});

test("takes in what another console did, at once after waking and else every second", async () => {
  await port.append(session1, entryIdOf(1), JSON.stringify(created(1, "Epidemics")));
  const mirror = startMirror();
  await mirror.idle();
  expect(store.listSessions()).toMatchObject([{ name: "Epidemics" }]);
  await port.append(session1, entryIdOf(2), JSON.stringify(renamed(2, "Renamed")));
  clock.advance(1000);
  await mirror.idle();
  expect(store.listSessions()).toMatchObject([{ name: "Renamed" }]);
});

test("notices by itself that the copies were lost, and makes them anew", async () => {
  store.append(created(1, "x"));
  const mirror = startMirror();
  await mirror.idle();
  port.lose();
  clock.advance(1000);
  await mirror.idle();
  expect(port.textsOf(session1)).toHaveLength(1);
});

test("tells of an entry it cannot read, and takes in the others", async () => {
  port.spoil(session1, "{broken");
  port.spoil(session1, JSON.stringify(created(1, "of another", session2)));
  await port.append(session1, entryIdOf(2), JSON.stringify(created(2, "Epidemics")));
  await startMirror().idle();
  expect(problems).toEqual([
    "the mirror of session S1 has an entry that cannot be read",
    "the mirror of session S1 has an entry that cannot be read",
  ]);
  expect(store.listSessions()).toMatchObject([{ name: "Epidemics" }]);
});

test("learns that a session was deleted elsewhere, and does not revive it", async () => {
  store.append(created(1, "x"));
  const mirror = startMirror();
  await mirror.idle();
  const deleted = { v: 1, type: "session-deleted", entryId: entryIdOf(3), sessionId: session1 };
  await port.remove(session1, JSON.stringify({ ...deleted, at: 3 }));
  store.append(note(4));
  await mirror.idle();
  expect(store.listSessions()).toEqual([]);
  expect(port.textsOf(session1)).toEqual([]);
});
