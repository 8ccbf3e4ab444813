import { expect, test } from "vitest";
import type { SessionEntry } from "../../src/session/core/entry.ts";
import { sessionEntrySchema } from "../../src/session/core/entry.ts";
import { foldSession } from "../../src/session/core/fold.ts";
import { created, entryIdOf, run1, run2, session1 } from "../support/session-fixtures.ts";

const common = (n: number) =>
  ({ v: 1, entryId: entryIdOf(n), sessionId: session1, at: n * 10 }) as const;

const entries: readonly SessionEntry[] = [
  created(1, "First"),
  { ...common(2), type: "run-started", runId: run1, flowName: "x", commandId: "c1" },
  { ...common(3), type: "session-renamed", name: "Second" },
  { ...common(4), type: "question-asked", runId: run2, basedOn: run1, question: "Why?" },
  { ...common(5), type: "run-started", runId: run2, flowName: "ask", commandId: "c2" },
  { ...common(6), type: "note-added", text: "peak at 12" },
];

test("gives the session its entries amount to", () => {
  expect(foldSession(entries)).toEqual({
    sessionId: session1,
    name: "Second",
    createdAt: 1,
    changedAt: 60,
    runIds: [run1, run2],
    notes: [{ at: 60, text: "peak at 12" }],
    deleted: false,
  });
});

test("takes entries in the order they were made, however they came", () => {
  const mixed = [4, 0, 5, 2, 1, 3].flatMap((place) => entries.slice(place, place + 1));
  expect(foldSession(mixed)).toEqual(foldSession(entries));
  expect(foldSession(entries.toReversed())).toEqual(foldSession(entries));
});

test("gives nothing for no entries", () => {
  expect(foldSession([])).toBeUndefined();
});

test("keeps a session deleted, whatever comes later", () => {
  const deleted: SessionEntry = { ...common(7), type: "session-deleted" };
  const later: SessionEntry = { ...common(8), type: "session-renamed", name: "Ghost" };
  expect(foldSession([...entries, deleted, later])?.deleted).toBe(true);
});

test("calls a session by its id when its first entry is lost", () => {
  expect(foldSession(entries.slice(1, 2))).toMatchObject({ name: "S1", createdAt: 20 });
});

test.each<[what: string, entry: object]>([
  ["another version", { ...created(1, "x"), v: 2 }],
  ["an id that is no ULID", { ...created(1, "x"), entryId: "1" }],
  ["an empty name", { ...created(1, "x"), name: "  " }],
  ["an unknown type", { ...created(1, "x"), type: "session-cloned" }],
])("refuses an entry with %s", (_, entry) => {
  expect(sessionEntrySchema.safeParse(entry).success).toBe(false);
});
