import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { OperatorError } from "../../src/base/operator-error.ts";
import { fold } from "../../src/orchestrator/fold.ts";
import { runIdSchema, taskIdSchema } from "../../src/protocol/ids.ts";
import { LOG_LINE_LENGTH_MAX, LOG_LINES_PER_RUN_MAX } from "../../src/session/log-table.ts";
import { MIGRATIONS, migrate, versionOf } from "../../src/session/migrations.ts";
import { openSessionStore } from "../../src/session/store.ts";
import type { StoreFolder } from "../support/session-fixtures.ts";
import {
  created,
  entryIdOf,
  run1,
  run2,
  session1,
  session2,
  storeFolder,
  succeedingRun,
  tamper,
} from "../support/session-fixtures.ts";

let folder: StoreFolder;
beforeEach(() => {
  folder = storeFolder();
});
afterEach(() => folder.remove());

function thrownBy(work: () => unknown): OperatorError {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof OperatorError) return thrown;
    throw thrown;
  }
  throw new Error("nothing was thrown");
}

test("keeps entries across closing and opening", () => {
  const store = folder.open();
  const entry = store.record(session1, { type: "session-created", name: "Epidemics" });
  store.record(session1, { type: "note-added", text: "peak at day 12" });
  store.close();
  const again = folder.open();
  expect(again.entries(session1).entries[0]).toEqual(entry);
  expect(again.entries(session1).entries).toHaveLength(2);
  expect(again.damage).toBeNull();
});

test("remembers the questions of all sessions across starts, the newest first, each once", () => {
  const store = folder.open();
  const ask = (sessionId: typeof session1, question: string): void => {
    store.record(sessionId, { type: "question-asked", runId: run2, basedOn: run1, question });
  };
  store.record(session1, { type: "session-created", name: "Epidemics" });
  ask(session1, "When is the peak?");
  store.record(session2, { type: "session-created", name: "Predators" });
  ask(session2, "How many foxes?");
  ask(session1, "When is the peak?");
  store.record(session1, { type: "note-added", text: 'they call it "question-asked"' });
  store.close();

  expect(folder.open().recentQuestions()).toEqual(["When is the peak?", "How many foxes?"]);
});

test("makes its folder and file for their owner alone", () => {
  folder.open();
  expect(statSync(dirname(folder.path)).mode & 0o777).toBe(0o700);
  expect(statSync(folder.path).mode & 0o777).toBe(0o600);
  expect(statSync(`${folder.path}-wal`).mode & 0o777).toBe(0o600);
});

test("closes a second time without complaint", () => {
  const store = folder.open();
  store.close();
  expect(() => store.close()).not.toThrow();
});

test("appends an entry once however often it is sent", () => {
  const store = folder.open();
  store.append(created(1, "first"));
  store.append(created(1, "first"));
  expect(store.entries(session1).entries).toHaveLength(1);
});

test("lists sessions by their last change, without deleted ones", () => {
  const store = folder.open();
  store.append(created(1, "old", session1));
  store.append(created(2, "new", session2));
  expect(store.listSessions().map((one) => one.name)).toEqual(["new", "old"]);
  const [first] = succeedingRun(run1, 5000);
  store.recordRunEvent(first!, session1);
  expect(store.latestSession()).toEqual({
    sessionId: session1,
    name: "old",
    createdAt: 1,
    changedAt: 5000,
    runCount: 1,
  });
  store.append({
    v: 1,
    type: "session-deleted",
    entryId: entryIdOf(9),
    sessionId: session1,
    at: 9,
  });
  expect(store.listSessions().map((one) => one.name)).toEqual(["new"]);
  expect(store.findRun("latest")).toEqual({ status: "none" });
});

test("has no latest session at first", () => {
  expect(folder.open().latestSession()).toBeUndefined();
});

test("finds a session by id, by name, by the beginning of its id", () => {
  const store = folder.open();
  store.append(created(1, "Epidemics", session1));
  store.append(created(2, "S1", session2));
  store.append(created(3, "Epidemics", session2));
  expect(store.findSession("S1")).toMatchObject({ status: "unique", value: { sessionId: "S1" } });
  expect(store.findSession("Epidemics")).toMatchObject({ status: "ambiguous" });
  expect(store.findSession("s2")).toMatchObject({ status: "unique", value: { sessionId: "S2" } });
  expect(store.findSession("s")).toMatchObject({ status: "ambiguous" });
  expect(store.findSession("x")).toEqual({ status: "none" });
  expect(store.findSession("")).toEqual({ status: "none" });
});

test("refuses an entry that does not fit its schema", () => {
  const store = folder.open();
  expect(() => store.record(session1, { type: "session-created", name: "" })).toThrow();
  expect(store.entries(session1).entries).toEqual([]);
});

test("keeps a run's events once each and gives its state", () => {
  const store = folder.open();
  const events = succeedingRun();
  for (const data of events) expect(store.recordRunEvent(data, session1)).toBe(true);
  for (const data of events) expect(store.recordRunEvent(data, session1)).toBe(false);
  expect(store.runEvents(run1)).toEqual({ events, damage: [] });
  expect(store.runState(run1)).toEqual({
    state: fold(events.map((data) => data.event)),
    seq: 3,
    damage: [],
  });
  expect(store.listRuns(session1)).toEqual([
    {
      runId: run1,
      sessionId: session1,
      flowName: "ask",
      status: "succeeded",
      requestedAt: 1000,
      finishedAt: 1002,
    },
  ]);
});

test("shows a run that was asked for before its first event", () => {
  const store = folder.open();
  store.record(session1, { type: "session-created", name: "x" });
  store.record(session1, { type: "run-started", runId: run1, flowName: "ask", commandId: "c" });
  store.record(session1, {
    type: "question-asked",
    runId: run2,
    basedOn: run1,
    question: "How many?",
  });
  expect(store.listRuns(session1).map((run) => [run.runId, run.status])).toEqual([
    [run2, "pending"],
    [run1, "pending"],
  ]);
  expect(store.latestSession()?.runCount).toBe(2);
  expect(store.runState(run1)).toEqual({ state: undefined, seq: 0, damage: [] });
});

test("finds a run by the beginning of its id, or the latest", () => {
  const store = folder.open();
  store.recordRunEvent(succeedingRun(run1, 2000)[0]!, session1);
  store.recordRunEvent(succeedingRun(run2, 1000)[0]!, session1);
  expect(store.findRun("latest")).toMatchObject({ status: "unique", value: { runId: run1 } });
  expect(store.findRun("R2")).toMatchObject({ status: "unique", value: { runId: run2 } });
  expect(store.findRun("r")).toMatchObject({ status: "ambiguous" });
  expect(store.findRun("%")).toEqual({ status: "none" });
  expect(store.findRun("")).toEqual({ status: "none" });
});

test("waits behind a gap and goes on when it is filled", () => {
  const store = folder.open();
  const [first, second, third] = succeedingRun();
  store.recordRunEvent(first!, session1);
  store.recordRunEvent(third!, session1);
  expect(store.runState(run1)).toMatchObject({
    seq: 1,
    state: { status: "running" },
    damage: [{ table: "run_events", key: "R1/2", reason: "missing" }],
  });
  store.recordRunEvent(second!, session1);
  expect(store.runState(run1)).toMatchObject({
    seq: 3,
    state: { status: "succeeded" },
    damage: [],
  });
});

test("keeps the states of more runs than it holds in memory", () => {
  const store = folder.open();
  const runs = Array.from({ length: 40 }, (_, n) => runIdSchema.parse(`many-${n}`));
  for (const runId of runs) {
    for (const data of succeedingRun(runId)) store.recordRunEvent(data, session1);
  }
  for (const runId of runs) expect(store.runState(runId).seq).toBe(3);
});

test("shares its file with another process's store", () => {
  const one = folder.open();
  const other = folder.open();
  const [first, second, third] = succeedingRun();
  one.recordRunEvent(first!, session1);
  other.recordRunEvent(second!, session1);
  one.recordRunEvent(third!, session1);
  expect(other.runState(run1).state?.status).toBe("succeeded");
  other.append(created(1, "shared"));
  expect(one.listSessions()).toHaveLength(1);
});

test("keeps the newest log lines of a run, cut to length", () => {
  const store = folder.open();
  const taskId = taskIdSchema.parse("R1.simulation.1");
  const count = LOG_LINES_PER_RUN_MAX + 250;
  for (let at = 1; at <= count; at += 1) {
    store.appendLog(run1, { at, taskId, level: "info", text: "x".repeat(at) });
  }
  const lines = store.logLines(run1);
  expect(lines).toHaveLength(LOG_LINES_PER_RUN_MAX);
  expect(lines.at(-1)?.at).toBe(count);
  expect(lines[0]?.at).toBe(251);
  store.appendLog(run2, { at: 1, taskId, level: "error", text: "y".repeat(9999) });
  expect(store.logLines(run2)[0]?.text).toHaveLength(LOG_LINE_LENGTH_MAX);
});

test("tells those who listen of an append, until they stop", () => {
  const store = folder.open();
  let heard = 0;
  const stop = store.onAppended(() => {
    heard += 1;
  });
  store.append(created(1, "x"));
  stop();
  store.append(created(2, "y"));
  expect(heard).toBe(1);
});

test("reports a damaged run event and keeps the rest", () => {
  for (const data of succeedingRun()) folder.open().recordRunEvent(data, session1);
  tamper(folder.path, `UPDATE run_events SET json = '{"runId":' WHERE seq = 2`);
  const store = folder.open();
  expect(store.runEvents(run1).events.map((data) => data.seq)).toEqual([1, 3]);
  expect(store.runEvents(run1).damage).toEqual([
    { table: "run_events", key: "R1/2", reason: "not JSON" },
  ]);
  expect(store.runState(run1)).toMatchObject({ seq: 1, damage: [{ key: "R1/2" }] });
});

test("reports a run event that is not the one its row names, and blobs", () => {
  for (const data of succeedingRun()) folder.open().recordRunEvent(data, session1);
  tamper(
    folder.path,
    `UPDATE run_events SET json = replace(json, '"seq":2', '"seq":7') WHERE seq = 2;
    UPDATE run_events SET json = x'ff00ff' WHERE seq = 3`,
  );
  expect(folder.open().runEvents(run1).damage).toEqual([
    { table: "run_events", key: "R1/2", reason: "the row holds event 7 of run R1" },
    { table: "run_events", key: "R1/3", reason: "not JSON" },
  ]);
});

test("reports a damaged entry and keeps the rest of the session", () => {
  const store = folder.open();
  store.append(created(1, "kept"));
  store.append({ ...created(2, "lost"), type: "session-renamed", name: "lost" });
  tamper(folder.path, `UPDATE entries SET json = '{"v":99}' WHERE entry_id = '${entryIdOf(2)}'`);
  const log = store.entries(session1);
  expect(log.entries).toHaveLength(1);
  expect(log.damage).toMatchObject([{ table: "entries", key: entryIdOf(2) }]);
});

test("moves a second damaged file beside the first", () => {
  mkdirSync(dirname(folder.path), { recursive: true });
  for (const content of ["first damage", "second damage"]) {
    writeFileSync(folder.path, content.repeat(500));
    folder.open().close();
  }
  const moved = readdirSync(dirname(folder.path)).filter((name) => name.includes("damaged"));
  expect(moved.sort()).toEqual([
    "sessions.db.damaged-20261122T093000Z",
    "sessions.db.damaged-20261122T093000Z-2",
  ]);
});

test("takes an empty file for a new one", () => {
  mkdirSync(dirname(folder.path), { recursive: true });
  writeFileSync(folder.path, "");
  expect(folder.open().damage).toBeNull();
});

test("refuses a file of a newer version and leaves it alone", () => {
  folder.open().close();
  tamper(folder.path, `PRAGMA user_version = ${MIGRATIONS.length + 1}`);
  const thrown = thrownBy(() => folder.open());
  expect(thrown.message).toContain("written by a newer aimie-console");
  expect(thrown.nextStep).toContain("update aimie-console");
  expect(existsSync(folder.path)).toBe(true);
});

test("refuses a database of another program", () => {
  mkdirSync(dirname(folder.path), { recursive: true });
  tamper(folder.path, "CREATE TABLE recipes (name TEXT)");
  expect(thrownBy(() => folder.open()).message).toContain("another program");
});

test("reads a file of version 1", () => {
  mkdirSync(dirname(folder.path), { recursive: true });
  tamper(
    folder.path,
    readFileSync(join(import.meta.dirname, "../fixtures/session-store-v1.sql"), "utf8"),
  );
  const store = folder.open();
  expect(store.listSessions()).toMatchObject([{ name: "Epidemics", runCount: 1 }]);
  expect(store.runState(run1).state?.status).toBe("running");
  store.append({ ...created(2, "x"), type: "session-renamed", name: "Renamed" });
  expect(store.latestSession()?.name).toBe("Renamed");
});

test("takes only the steps a file lacks, each with its version number", () => {
  const store = folder.open();
  store.append(created(1, "kept"));
  store.close();
  const database = new DatabaseSync(folder.path);
  const steps = [
    ...MIGRATIONS,
    (one: DatabaseSync): void => one.exec("ALTER TABLE sessions ADD COLUMN colour TEXT"),
  ];
  migrate(database, folder.path, steps);
  migrate(database, folder.path, steps);
  expect(versionOf(database)).toBe(steps.length);
  expect(database.prepare("SELECT name, colour FROM sessions").get()).toEqual({
    name: "kept",
    colour: null,
  });
  database.close();
});

test("leaves the file as it was when a step fails", () => {
  folder.open().close();
  const database = new DatabaseSync(folder.path);
  const failing = (one: DatabaseSync): void => {
    one.exec("CREATE TABLE half (x)");
    throw new Error("power cut");
  };
  expect(() => migrate(database, folder.path, [...MIGRATIONS, failing])).toThrow("power cut");
  expect(versionOf(database)).toBe(MIGRATIONS.length);
  expect(database.prepare("SELECT * FROM sqlite_master WHERE name = 'half'").get()).toBeUndefined();
  database.close();
});

test("says what to do when the store is full, and keeps what it had", () => {
  const store = folder.open(100_000);
  store.append(created(1, "kept"));
  const text = "x".repeat(10_000);
  const thrown = thrownBy(() => {
    for (;;) store.record(session1, { type: "note-added", text });
  });
  expect(thrown.message).toContain("full");
  expect(thrown.nextStep).toContain("free some space");
  const kept = store.entries(session1);
  expect(kept.damage).toEqual([]);
  expect(kept.entries.length).toBeGreaterThan(1);
  expect(store.listSessions()).toHaveLength(1);
});

test("counts a run event that found no room as not kept", () => {
  const store = folder.open(100_000);
  const [first] = succeedingRun();
  if (first?.event.type !== "run-requested") throw new Error("unexpected");
  const spec = { ...first.event.spec, models: { sir: "x".repeat(140_000) } };
  const big = { ...first, event: { ...first.event, spec } };
  expect(thrownBy(() => store.recordRunEvent(big, session1)).nextStep).toContain("space");
  expect(store.runState(run1)).toEqual({ state: undefined, seq: 0, damage: [] });
  expect(store.recordRunEvent(first, session1)).toBe(true);
  expect(store.runState(run1).state?.status).toBe("running");
});

test("says what to do when the folder cannot be made", () => {
  writeFileSync(join(folder.folder, "file"), "");
  const path = join(folder.folder, "file", "sessions.db");
  const open = (): unknown =>
    openSessionStore({ path, clock: { now: () => 0 }, newUlid: () => "" });
  expect(thrownBy(open).nextStep).toContain("choose another folder");
});

test("says what to do when the file has become damaged while in use", () => {
  const store = folder.open();
  const taskId = taskIdSchema.parse("T1");
  const line = { taskId, level: "info" as const, text: "x".repeat(LOG_LINE_LENGTH_MAX) };
  for (let at = 0; at < 1500; at += 1) store.appendLog(run1, { ...line, at });
  store.close();
  const again = folder.open();
  const bytes = readFileSync(folder.path);
  bytes.fill(0x5a, 4096);
  writeFileSync(folder.path, bytes);
  expect(thrownBy(() => again.logLines(run1)).nextStep).toContain("start aimie-console again");
});

test("passes a bug on as it is", () => {
  const store = folder.open();
  store.close();
  expect(() => store.listSessions()).toThrow(/not open|finalized/);
});
