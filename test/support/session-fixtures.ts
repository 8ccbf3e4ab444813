import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { runIdSchema, sessionIdSchema, stepKeySchema, taskIdOf } from "../../src/protocol/ids.ts";
import type { RunEvent, RunEventData } from "../../src/protocol/run-events.ts";
import type { EntryId, SessionEntry } from "../../src/session/core/entry.ts";
import { entryIdSchema } from "../../src/session/core/entry.ts";
import type { SessionStore } from "../../src/session/store.ts";
import { openSessionStore } from "../../src/session/store.ts";

export const session1 = sessionIdSchema.parse("S1");
export const session2 = sessionIdSchema.parse("S2");
export const run1 = runIdSchema.parse("R1");
export const run2 = runIdSchema.parse("R2");

const ONE_STEP_FLOW = `name: ask
params:
  question: { type: string, default: "How many?" }
steps:
  simulation:
    agent: simulation
    input: { model: sir }
`;

/** The n-th entry id of a made-up clock. */
export function entryIdOf(n: number): EntryId {
  return entryIdSchema.parse(`01${n.toString().padStart(24, "0")}`);
}

/** ULIDs that count from 1. */
export function countingUlids(): () => string {
  let n = 0;
  return () => {
    n += 1;
    return entryIdOf(n);
  };
}

export function created(n: number, name: string, sessionId = session1): SessionEntry {
  return { v: 1, type: "session-created", entryId: entryIdOf(n), sessionId, at: n, name };
}

export function renamed(n: number, name: string, sessionId = session1): SessionEntry {
  return { v: 1, type: "session-renamed", entryId: entryIdOf(n), sessionId, at: n, name };
}

/** The log of a run of one step that succeeds. */
export function succeedingRun(runId = run1, at = 1000): readonly RunEventData[] {
  const stepKey = stepKeySchema.parse("simulation");
  const events: readonly RunEvent[] = [
    {
      type: "run-requested",
      at,
      spec: {
        runId,
        sessionId: session1,
        flowName: "ask",
        flowText: ONE_STEP_FLOW,
        parameters: {},
        models: {},
      },
    },
    { type: "result-ignored", at: at + 1, taskId: taskIdOf(runId, stepKey, 9), reason: "unknown" },
    {
      type: "result-received",
      at: at + 2,
      stepKey,
      attempt: 1,
      taskId: taskIdOf(runId, stepKey, 1),
      result: {
        status: "succeeded",
        output: { peak: 3 },
        worker: "w1",
        startedAt: at,
        finishedAt: at + 2,
      },
    },
  ];
  return events.map((event, index) => ({ runId, seq: index + 1, event }));
}

/** Changes a store's file behind its back. */
export function tamper(path: string, sql: string): void {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
}

/** A folder of its own for a test, and the stores opened in it. */
export interface StoreFolder {
  readonly folder: string;
  readonly path: string;
  open(maximumBytes?: number): SessionStore;
  /** Closes every store and removes the folder. */
  remove(): void;
}

export function storeFolder(): StoreFolder {
  const folder = mkdtempSync(join(tmpdir(), "sessions-"));
  const path = join(folder, "state", "sessions.db");
  const stores: SessionStore[] = [];
  return {
    folder,
    path,
    open(maximumBytes) {
      const store = openSessionStore({
        path,
        clock: { now: () => Date.UTC(2026, 10, 22, 9, 30) },
        newUlid: countingUlids(),
        ...(maximumBytes === undefined ? {} : { maximumBytes }),
      });
      stores.push(store);
      return store;
    },
    remove() {
      for (const store of stores) store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
