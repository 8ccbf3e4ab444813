/** Stores whose rows or pages are really damaged: what is told, what is kept, what comes back. */
import {
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runIdSchema, taskIdSchema } from "../../src/protocol/ids.ts";
import { describeFileDamage } from "../../src/session/open-database.ts";
import type { RowDamage } from "../../src/session/row-json.ts";
import type { SessionStore } from "../../src/session/store.ts";
import type { StoreFolder } from "../support/session-fixtures.ts";
import {
  created,
  entryIdOf,
  renamed,
  run1,
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

/** What a store tells of the rows it meets. */
function toldBy(store: SessionStore): readonly RowDamage[] {
  const told: RowDamage[] = [];
  store.onDamage((damage) => told.push(damage));
  return told;
}

const taskId = taskIdSchema.parse("T1");

describe("a row that cannot be read", () => {
  test.each<
    [table: RowDamage["table"], key: string, sql: string, meet: (store: SessionStore) => void]
  >([
    [
      "entries",
      entryIdOf(2),
      `UPDATE entries SET json = '{"v":99}' WHERE entry_id = '${entryIdOf(2)}'`,
      (store) => store.entries(session1),
    ],
    [
      "entries",
      entryIdOf(2),
      `UPDATE entries SET json = replace(json, '${entryIdOf(2)}', '${entryIdOf(7)}')`,
      (store) => store.entries(session1),
    ],
    [
      "run_events",
      "R1/2",
      "UPDATE run_events SET json = x'00ff' WHERE seq = 2",
      (store) => store.runEvents(run1),
    ],
    ["runs", "R1", "UPDATE runs SET status = 'lost'", (store) => store.listRuns(session1)],
    [
      "runs",
      "../R1",
      "UPDATE runs SET run_id = '../' || run_id",
      (store) => store.listRuns(session1),
    ],
    ["sessions", " ", "UPDATE sessions SET session_id = ' '", (store) => store.listSessions()],
    ["log_lines", "1", "UPDATE log_lines SET level = 'loud'", (store) => store.logLines(run1)],
  ])("of %s is told of once, where it is met: %s", (table, key, sql, meet) => {
    const before = folder.open();
    fill(before);
    tamper(folder.path, sql);
    const store = folder.open();
    const told = toldBy(store);
    meet(store);
    meet(store);
    expect(told).toMatchObject([{ table, key }]);
    expect(toldBy(store)).toEqual(told); // Who asks later is told as well.
    expect(store.damagedRows()).toMatchObject([{ table, key }]);
  });

  test("leaves its place to an intact copy once it was set aside, and loses nothing", () => {
    fill(folder.open());
    tamper(
      folder.path,
      `UPDATE run_events SET json = '{' WHERE seq = 2;
      UPDATE entries SET json = 'null' WHERE entry_id = '${entryIdOf(2)}';
      UPDATE log_lines SET level = 'loud';
      UPDATE sessions SET session_id = x'01'`,
    );
    const store = folder.open();
    expect(store.setDamagedAside()).toHaveLength(4);
    expect(store.damagedRows()).toEqual([]);
    expect(store.setDamagedAside()).toEqual([]);
    expect(store.countSetAside()).toBe(4);

    // Folded anew from what is left.
    expect(store.listSessions()).toMatchObject([{ sessionId: "S1", name: "Epidemics" }]);
    expect(store.runState(run1)).toMatchObject({ seq: 1 });
    expect(store.merge([renamed(2, "Waves")])).toHaveLength(1);
    expect(store.latestSession()?.name).toBe("Waves");
    for (const data of succeedingRun()) store.recordRunEvent(data, session1);
    expect(store.runState(run1).state?.status).toBe("succeeded");

    const database = new DatabaseSync(folder.path);
    const kept = database.prepare("SELECT place, row_key, content FROM quarantine").all();
    database.close();
    expect(kept).toContainEqual({
      place: "run_events",
      row_key: "R1/2",
      content: JSON.stringify({ run_id: "R1", seq: 2, json: "{" }),
    });
  });

  test("of a run's list comes back with the events of the run", () => {
    fill(folder.open());
    tamper(folder.path, "UPDATE runs SET run_id = 'R 1'");
    const store = folder.open();
    expect(store.setDamagedAside()).toMatchObject([{ table: "runs", key: "R 1" }]);
    expect(store.listRuns(session1)).toMatchObject([{ runId: "R1", status: "succeeded" }]);
  });
});

/** A session with a run, its log, and a second session. */
function fill(store: SessionStore): void {
  store.append(created(1, "Epidemics"));
  store.append(renamed(2, "Waves"));
  for (const data of succeedingRun()) store.recordRunEvent(data, session1);
  store.appendLog(run1, { at: 1, taskId, level: "info", text: "read 401 rows" });
}

const ENTRIES = 150;
const RUNS = 40;

/** A store of many pages; answers what it holds. */
function fillPages(): Held {
  const store = folder.open();
  store.append(created(1, "Epidemics"));
  store.append(created(2, "Waves", session2));
  for (let n = 3; n <= ENTRIES; n += 1) {
    const common = { v: 1, entryId: entryIdOf(n), at: n } as const;
    const sessionId = n % 2 === 0 ? session2 : session1;
    store.append({ ...common, sessionId, type: "note-added", text: `note ${n} `.repeat(30) });
  }
  for (let n = 0; n < RUNS; n += 1) {
    for (const data of succeedingRun(runIdSchema.parse(`run-${n}`), n)) {
      store.recordRunEvent(data, session1);
    }
    const text = `line ${n} `.repeat(20);
    store.appendLog(runIdSchema.parse(`run-${n}`), { at: n, taskId, level: "info", text });
  }
  store.keepEpoch("bus", "e1");
  const held = heldBy(store);
  store.close();
  return held;
}

type Held = readonly string[];

/** Everything a store can tell, a text per thing. */
function heldBy(store: SessionStore): Held {
  const entries = store.sessionIds().flatMap((id) => store.entries(id).entries);
  const runIds = Array.from({ length: RUNS }, (_, n) => runIdSchema.parse(`run-${n}`));
  const events = runIds.flatMap((runId) => store.runEvents(runId).events);
  const lines = runIds.flatMap((runId) => store.logLines(runId));
  return [...entries, ...events, ...lines].map((one) => JSON.stringify(one));
}

const PAGE = 4096;

/** Overwrites bytes of the file. */
function overwrite(from: number, to: number, byte: number): void {
  const bytes = readFileSync(folder.path);
  bytes.fill(byte, from, to);
  writeFileSync(folder.path, bytes);
}

/** Overwrites the page of one of the log lines. */
function overwriteLogs(): void {
  const page = Math.floor(readFileSync(folder.path).indexOf("line 30 ") / PAGE);
  overwrite(page * PAGE, (page + 1) * PAGE, 0x5a);
}

describe("a file with damaged pages", () => {
  test("loses at most what stood on the page, whichever it is, and gains nothing", () => {
    const held = fillPages();
    const intact = readFileSync(folder.path);
    const pages = intact.length / PAGE;
    expect(pages).toBeGreaterThan(30);
    const lost: number[] = [];
    for (let page = 1; page < pages; page += 1) {
      writeFileSync(folder.path, intact);
      overwrite(page * PAGE, (page + 1) * PAGE, 0x5a);
      const store = folder.open();
      const kept = heldBy(store);
      lost.push(held.length - kept.length);
      expect(held).toEqual(expect.arrayContaining([...kept]));
      expect(store.damagedRows()).toEqual([]);
      store.append(renamed(999, `page ${page}`));
      expect(store.findSession(`page ${page}`).status).toBe("unique");
      store.close();
    }
    // A leaf holds some ten rows; of a page above the leaves the leaves are read by themselves.
    expect(Math.max(...lost)).toBeLessThan(30);
    expect(lost.filter((count) => count === 0).length).toBeGreaterThan(2);
  });

  test("is kept as it was, and what was taken over is told", () => {
    const held = fillPages();
    const bytes = statSync(folder.path).size;
    const middle = Math.floor(bytes / PAGE / 2) * PAGE;
    overwrite(middle, middle + PAGE, 0);
    const damaged = readFileSync(folder.path);

    const store = folder.open();

    const movedTo = `${folder.path}.damaged-20261122T093000Z`;
    expect(readFileSync(movedTo)).toEqual(damaged);
    expect(store.damage).toMatchObject({ file: folder.path, movedTo });
    const told = store.damage === null ? "" : describeFileDamage(store.damage);
    expect(told).toMatch(/; kept as .*damaged-\w+; taken over from it: \d+ entries, \d+ events /);
    expect(heldBy(store).length).toBeGreaterThan(held.length * 0.8);
    expect(store.epoch("bus")).toBe("e1");
    expect(readdirSync(dirname(folder.path)).filter((name) => name.includes("salvaged"))).toEqual(
      [],
    );
    store.close();
    expect(folder.open().damage).toBeNull();
  });

  test("gives a run whose last events are lost as far as they are there", () => {
    fillPages();
    tamper(folder.path, "DELETE FROM run_events WHERE run_id = 'run-7' AND seq = 3");
    overwriteLogs();
    const store = folder.open();
    const [event] = succeedingRun(runIdSchema.parse("run-7"), 7).slice(2);
    if (event === undefined) throw new Error("it has three events");
    expect(store.damage).not.toBeNull();
    expect(store.recordRunEvent(event, session1)).toBe(true);
    expect(store.runState(event.runId).state?.status).toBe("succeeded");
  });

  test("does not bring back what was deleted", () => {
    fillPages();
    folder.open().purge(session2);
    const texts = Array.from({ length: ENTRIES }, (_, n) => `note ${n + 1} `);
    const database = new DatabaseSync(folder.path);
    const { rootpage } = database
      .prepare("SELECT rootpage FROM sqlite_master WHERE name = 'entries'")
      .get() ?? { rootpage: 0 };
    database.close();
    overwrite((Number(rootpage) - 1) * PAGE, Number(rootpage) * PAGE, 0x5a);
    const store = folder.open();
    expect(store.entries(session2).entries).toEqual([]);
    const kept = JSON.stringify(store.entries(session1).entries);
    expect(texts.filter((text) => kept.includes(text)).length).toBeGreaterThan(60);
  });

  test("sets a row aside that no row of its table is any more", () => {
    fillPages();
    tamper(folder.path, "UPDATE log_lines SET level = 'loud' WHERE line_id = 3");
    overwriteLogs();
    const store = folder.open();
    expect(store.countSetAside()).toBe(1);
    expect(store.damage?.salvage?.setAside).toBe(1);
  });
});

test.each([
  ["garbage", () => writeFileSync(folder.path, "garbage ".repeat(1000))],
  ["a file cut off in its first pages", () => truncateSync(folder.path, 9000)],
])("%s is moved aside, and the store begins anew", (_, damage) => {
  const before = folder.open();
  fill(before);
  before.close();
  damage();
  const damaged = readFileSync(folder.path);
  const store = folder.open();
  const movedTo = `${folder.path}.damaged-20261122T093000Z`;
  expect(readFileSync(movedTo)).toEqual(damaged);
  expect(store.damage?.salvage).toBeNull();
  expect(store.damage && describeFileDamage(store.damage)).toContain("nothing of it could be read");
  expect(store.listSessions()).toEqual([]);
  store.append(created(1, "fresh"));
  expect(store.listSessions()).toHaveLength(1);
  expect(existsSync(movedTo)).toBe(true);
});
