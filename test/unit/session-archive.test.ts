import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { monotonicFactory } from "ulid";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { z } from "zod";
import type { Artifact } from "../../src/protocol/artifact.ts";
import { jsonSchema } from "../../src/protocol/json.ts";
import type { ArchivePlaces } from "../../src/session/archive.ts";
import { exportSession, importSession } from "../../src/session/archive.ts";
import { folderArtifactStore } from "../../src/session/artifact-store.ts";
import { applyPrune, planPrune } from "../../src/session/prune.ts";
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
} from "../support/session-fixtures.ts";

interface Machine extends ArchivePlaces {
  readonly folder: StoreFolder;
}

let here: Machine;
let there: Machine;
let file: string;
beforeEach(() => {
  here = machine();
  there = machine();
  file = join(here.folder.folder, "out.aimie-session");
});
afterEach(() => {
  here.store.close();
  there.store.close();
  here.folder.remove();
  there.folder.remove();
});

function machine(): Machine {
  const folder = storeFolder();
  return {
    folder,
    store: openSessionStore({
      path: folder.path,
      clock: { now: () => 1 },
      newUlid: monotonicFactory(),
    }),
    artifacts: folderArtifactStore(join(folder.folder, "artifacts")),
  };
}

function jsonOf(artifact: Artifact): z.infer<typeof jsonSchema> {
  return jsonSchema.parse(JSON.parse(JSON.stringify(artifact)));
}

/** A run whose result points to a file. */
async function fill(
  { store, artifacts }: Machine,
  { runId = run1, sessionId = session1, first = 1, content = "a,b\n1,2\n" } = {},
): Promise<Artifact> {
  const artifact = await artifacts.put(Buffer.from(content), {
    name: "table.csv",
    mediaType: "text/csv",
  });
  store.append(created(first, "Epidemics", sessionId));
  store.append({
    v: 1,
    type: "run-started",
    entryId: entryIdOf(first + 1),
    sessionId,
    at: first,
    runId,
    flowName: "ask",
    commandId: "c",
  });
  for (const { seq, event } of succeedingRun(runId)) {
    const changed =
      event.type === "result-received" && event.result.status === "succeeded"
        ? { ...event, result: { ...event.result, output: { table: jsonOf(artifact) } } }
        : event;
    store.recordRunEvent({ runId, seq, event: changed }, sessionId);
  }
  return artifact;
}

test("a session comes back on another machine with its runs and its files", async () => {
  const artifact = await fill(here);
  const told = await exportSession(here, session1, file);
  expect(told).toMatchObject({ entries: 2, runs: 1, artifacts: 1, missing: [] });
  expect(await importSession(there, file)).toEqual(told);
  expect(await importSession(there, file)).toEqual(told);
  expect(there.store.entries(session1)).toEqual(here.store.entries(session1));
  expect(there.store.runState(run1)).toEqual(here.store.runState(run1));
  expect(await there.artifacts.verify(artifact)).toBe("intact");
  expect(there.store.unmirrored(9)).toHaveLength(2);
});

test("a file that is gone is told of, and the rest is exported", async () => {
  const artifact = await fill(here);
  await here.artifacts.remove(artifact);
  expect(await exportSession(here, session1, file)).toMatchObject({ missing: [artifact] });
  expect(await importSession(there, file)).toMatchObject({ missing: [artifact], runs: 1 });
});

test("an export leaves an existing file as it is", async () => {
  await fill(here);
  writeFileSync(file, "mine");
  await expect(exportSession(here, session1, file)).rejects.toThrow("exists already");
  expect(readFileSync(file, "utf8")).toBe("mine");
  const nowhere = join(here.folder.folder, "absent", "x");
  await expect(exportSession(here, session1, nowhere)).rejects.toThrow("cannot be used");
});

test("a session that was deleted does not come back by an import", async () => {
  await fill(here);
  await exportSession(here, session1, file);
  here.store.record(session1, { type: "session-deleted" });
  await expect(importSession(here, file)).rejects.toMatchObject({ code: "conflict" });
});

const TAMPERINGS: Readonly<Record<string, readonly [sql: string, message: RegExp]>> = {
  "content of a file": ["UPDATE artifacts SET content = x'00'", /has other content/],
  "the description of a file": ["UPDATE artifacts SET json = '{}'", /row 1 of artifacts/],
  "an escape by a file's name": [
    "UPDATE artifacts SET json = json_set(json, '$.name', '../../x')",
    /row 1 of artifacts/,
  ],
  "a file no run points to": ["DELETE FROM run_events", /no run points to artifact/],
  "an entry": ["UPDATE entries SET json = '{'", /row 1 of entries: not JSON/],
  "an entry of another session": [
    "UPDATE entries SET json = json_set(json, '$.sessionId', 'S9') WHERE rowid = 2",
    /another session/,
  ],
  "no entries": ["DELETE FROM entries", /no entries/],
  "a run event": ["UPDATE run_events SET json = '[]' WHERE rowid = 2", /row 2 of run_events/],
  "the run of an event": [
    "UPDATE run_events SET json = json_set(json, '$.runId', 'other')",
    /another session/,
  ],
  "its kind": ["PRAGMA application_id = 7", /another kind of file/],
  "its version": ["PRAGMA user_version = 2", /format version 2/],
  "a trigger": [
    "CREATE TRIGGER evil AFTER INSERT ON entries BEGIN DELETE FROM entries; END",
    /other tables/,
  ],
  "a view in place of a table": [
    "DROP TABLE run_events; CREATE VIEW run_events AS SELECT json FROM entries",
    /other tables/,
  ],
};

test.each(Object.entries(TAMPERINGS))(
  "an archive with %s changed is refused, and nothing is taken in",
  async (_what, [sql, message]) => {
    await fill(here);
    await exportSession(here, session1, file);
    const database = new DatabaseSync(file);
    database.exec(sql);
    database.close();
    await expect(importSession(there, file)).rejects.toThrow(message);
    expect(there.store.sessionIds()).toEqual([]);
    expect(existsSync(join(there.folder.folder, "artifacts"))).toBe(false);
  },
);

test("what is no archive is refused with its name", async () => {
  await expect(importSession(there, file)).rejects.toThrow(/no such file/);
  writeFileSync(file, "this is no database\n".repeat(200));
  await expect(importSession(there, file)).rejects.toThrow(/out\.aimie-session cannot be used/);
});

test("retention removes old sessions and the files nobody else needs", async () => {
  const own = await fill(here, { content: "own" });
  const shared = await fill(here, { runId: run2, first: 10, content: "shared" });
  expect(planPrune(here.store, 0).sessions).toEqual([]);
  const other = { ...created(20, "new", session2), at: 9000 };
  here.store.append(other);
  here.store.append({
    v: 1,
    type: "run-started",
    entryId: entryIdOf(21),
    sessionId: session2,
    at: 9000,
    runId: "R3" as typeof run1,
    flowName: "ask",
    commandId: "c",
  });
  for (const data of succeedingRun("R3" as typeof run1)) {
    const { event } = data;
    const pointing =
      event.type === "result-received" && event.result.status === "succeeded"
        ? { ...event, result: { ...event.result, output: { table: jsonOf(shared) } } }
        : event;
    here.store.recordRunEvent({ ...data, event: pointing }, session2);
  }
  const plan = planPrune(here.store, 5000);
  expect(plan.sessions.map(({ sessionId }) => sessionId)).toEqual([session1]);
  expect(plan.artifacts).toEqual([own]);
  await applyPrune(here.store, here.artifacts, plan);
  expect(here.store.listSessions().map(({ sessionId }) => sessionId)).toEqual([session2]);
  expect(here.store.runEvents(run1).events).toEqual([]);
  expect(here.store.entries(session1).entries.map(({ type }) => type)).toEqual(["session-deleted"]);
  expect(await here.artifacts.verify(own)).toBe("missing");
  expect(await here.artifacts.verify(shared)).toBe("intact");
});

test("retention leaves a session whose run is under way", async () => {
  await fill(here);
  const [requested] = succeedingRun(run2);
  if (requested === undefined) throw new Error("a run has a first event");
  here.store.recordRunEvent(requested, session1);
  expect(planPrune(here.store, 5000).sessions).toEqual([]);
});
