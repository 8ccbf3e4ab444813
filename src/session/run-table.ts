/**
 * Runs and their events in the store.
 *
 * R1 An event is kept once, by run and seq; the first to arrive stays.
 * R2 A run's state is the fold of its unbroken beginning: what lies behind a gap or a damaged row
 *    waits, so that no state is shown that never was.
 * R3 A run's row follows that state, in the transaction that kept the event.
 * R4 A request outlives the run's first event without its text: it tells that the run was asked for
 *    here, and of which bus.
 */
import type { DatabaseSync } from "node:sqlite";
import { reduce } from "../orchestrator/reduce.ts";
import type { RunState, RunStatus } from "../orchestrator/state.ts";
import { runStatusSchema } from "../orchestrator/state.ts";
import type { RunId, SessionId } from "../protocol/ids.ts";
import { runIdSchema, sessionIdSchema } from "../protocol/ids.ts";
import type { RunEventData } from "../protocol/run-events.ts";
import type { Found } from "./found.ts";
import { foundAmong } from "./found.ts";
import type { ReportDamage, RowDamage } from "./row-json.ts";
import { readEvent, runRowProblem } from "./row-rules.ts";
import type { Row } from "./sqlite.ts";
import { inTransaction, numberOf, numberOrNull, textOf } from "./sqlite.ts";

/** Runs whose folded state is kept in memory, so that one more event costs one more step. */
const CACHED_RUNS_MAX = 32;

/** The reason of damage that is a gap between events. */
export const MISSING = "missing";

/** A run, as a list shows it; `pending` until its first event has arrived. */
export interface RunRow {
  readonly runId: RunId;
  readonly sessionId: SessionId;
  readonly flowName: string;
  readonly status: RunStatus | "pending";
  readonly requestedAt: number;
  readonly finishedAt: number | null;
}

/** The readable events of a run in order, and what is missing between or damaged. */
export interface RunLog {
  readonly events: readonly RunEventData[];
  readonly damage: readonly RowDamage[];
}

/** A run's state after its first `seq` events; undefined while the first is missing. */
export interface StoredRun {
  readonly state: RunState | undefined;
  readonly seq: number;
  readonly damage: readonly RowDamage[];
}

/** Some of the runs that were asked of a bus here. */
export interface OwnRunPage {
  readonly runs: readonly OwnRun[];
  /** What the next page comes after; "" when there is none, and the first one is next. */
  readonly next: string;
}

/** What the store can do with runs. */
export interface RunTable {
  /** Whether the event was new. */
  recordRunEvent(data: RunEventData, sessionId: SessionId): boolean;
  /** The events of a run behind `after`, from the first when it is left out. */
  runEvents(runId: RunId, after?: number): RunLog;
  runState(runId: RunId): StoredRun;
  /** Takes the events behind `seq` off the log: what is left is the run from now on. */
  cutRun(runId: RunId, seq: number): void;
  /** Keeps the request that was made of a bus for a run; its text until the first event is kept. */
  keepRequest(runId: RunId, bus: string, request: string): void;
  /**
   * Runs that were asked of a bus here and have not ended, with ids after `after`, in their order;
   * none of deleted sessions. At most `maximum`, less what cannot be read.
   */
  ownRuns(bus: string, after: string, maximum: number): OwnRunPage;
  /** Whether a run was asked of a bus here. */
  isOwn(runId: RunId, bus: string): boolean;
  listRuns(sessionId: SessionId): readonly RunRow[];
  findRun(idPrefixOrLatest: string): Found<RunRow>;
}

/** A run that was asked for and has no event yet. */
export interface ExpectedRun {
  readonly runId: RunId;
  readonly sessionId: SessionId;
  readonly flowName: string;
  readonly at: number;
}

/** A run under way that was asked for here. */
export interface OwnRun extends RunRow {
  /** The text of the request; empty when the run's first event has been kept. */
  readonly request: string;
}

type Prefix = Pick<StoredRun, "state" | "seq">;

const NOTHING: Prefix = { state: undefined, seq: 0 };

/** The runs of an open database; `refold` derives a run's row anew from the events that are left. */
export function runTable(
  database: DatabaseSync,
  report: ReportDamage,
): RunTable & {
  readonly expectRun: (run: ExpectedRun) => void;
  readonly refold: (runId: RunId) => void;
} {
  const log = eventLog(database, report);
  const rows = runRows(database, report);
  const requests = requestTable(database, report);
  return {
    ...rows.queries,
    expectRun: rows.expectRun,
    refold(runId) {
      log.forget(runId);
      const prefix = log.advance(runId);
      const spec = prefix.state?.origin.spec;
      if (prefix.state !== undefined && spec !== undefined) {
        const { sessionId, flowName } = spec;
        rows.expectRun({ runId, sessionId, flowName, at: prefix.state.origin.requestedAt });
      }
      rows.shorten(runId, prefix.seq);
      rows.update(runId, prefix); // R3
    },
    runEvents: log.runEvents,
    cutRun(runId, seq) {
      inTransaction(database, () => {
        log.cut(runId, seq);
        rows.reset(runId);
        rows.update(runId, log.advance(runId)); // R3
      });
    },
    keepRequest: requests.keep,
    ownRuns: requests.own,
    isOwn: requests.isOwn,
    runState(runId) {
      const { state, seq } = log.advance(runId);
      const damage = log.seqAfter(runId, seq) === undefined ? [] : log.runEvents(runId).damage;
      return { state, seq, damage };
    },
    recordRunEvent(data, sessionId) {
      const { runId } = data;
      try {
        return inTransaction(database, () => {
          if (!log.insert(data)) return false; // R1
          if (data.seq === 1) requests.answer(runId); // R4
          rows.expectRun({ runId, sessionId, flowName: "", at: data.event.at });
          rows.update(runId, log.advance(runId)); // R3
          rows.touch(sessionId, data.event.at);
          return true;
        });
      } catch (cause) {
        log.forget(runId);
        throw cause;
      }
    },
  };
}

interface EventLog {
  insert(data: RunEventData): boolean;
  advance(runId: RunId): Prefix;
  forget(runId: RunId): void;
  seqAfter(runId: RunId, seq: number): number | undefined;
  runEvents(runId: RunId, after?: number): RunLog;
  cut(runId: RunId, seq: number): void;
}

interface RequestTable {
  keep(runId: RunId, bus: string, request: string): void;
  answer(runId: RunId): void;
  own(bus: string, after: string, maximum: number): OwnRunPage;
  isOwn(runId: RunId, bus: string): boolean;
}

function requestTable(database: DatabaseSync, report: ReportDamage): RequestTable {
  const put = database.prepare(
    "INSERT INTO requests (run_id, bus, json) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
  );
  const answer = database.prepare("UPDATE requests SET json = '' WHERE run_id = ?");
  // Led by the index of the runs under way: a store knows many runs, of which few are.
  const own = database.prepare(`
    SELECT runs.*, json FROM runs INDEXED BY runs_under_way
    CROSS JOIN requests USING (run_id) JOIN sessions USING (session_id)
    WHERE finished_at IS NULL AND run_id > ? AND bus = ? AND deleted = 0
    ORDER BY run_id LIMIT ?`);
  const find = database.prepare("SELECT 1 FROM requests WHERE run_id = ? AND bus = ?");
  return {
    keep(runId, bus, request) {
      put.run(runId, bus, request);
    },
    answer(runId) {
      answer.run(runId);
    },
    own(bus, after, maximum) {
      const rows = own.all(after, bus, maximum);
      const runs = rows.flatMap((row) =>
        runRowsOf(row, report).map((run) => ({ ...run, request: textOf(row, "json") })),
      );
      // A damaged row counts as well: else a page with one would look like the last.
      const last = rows[maximum - 1];
      return { runs, next: last === undefined ? "" : textOf(last, "run_id") };
    },
    isOwn: (runId, bus) => find.get(runId, bus) !== undefined,
  };
}

function eventLog(database: DatabaseSync, report: ReportDamage): EventLog {
  const insert = database.prepare(
    "INSERT INTO run_events (run_id, seq, json) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
  );
  const after = database.prepare(
    "SELECT run_id, seq, json FROM run_events WHERE run_id = ? AND seq > ? ORDER BY seq",
  );
  const next = database.prepare(
    "SELECT min(seq) AS seq FROM run_events WHERE run_id = ? AND seq > ?",
  );
  const cut = database.prepare("DELETE FROM run_events WHERE run_id = ? AND seq > ?");
  const cache = new Map<RunId, Prefix>();
  return {
    cut(runId, seq) {
      cut.run(runId, seq);
      cache.delete(runId);
    },
    insert: ({ runId, seq, event }) =>
      insert.run(runId, seq, JSON.stringify({ runId, seq, event })).changes === 1,
    advance(runId) {
      const prefix = advanceOver(after.iterate(runId, (cache.get(runId) ?? NOTHING).seq), {
        from: cache.get(runId) ?? NOTHING,
      });
      remember(cache, runId, prefix);
      return prefix;
    },
    forget(runId) {
      cache.delete(runId);
    },
    seqAfter: (runId, seq) => numberOrNull(next.get(runId, seq) ?? {}, "seq") ?? undefined,
    runEvents(runId, from = 0) {
      const read = logOf(runId, after.all(runId, from), from);
      // What is missing may still come.
      read.damage.filter(({ reason }) => reason !== MISSING).forEach(report);
      return read;
    },
  };
}

/** Folds the rows that follow `from` without a gap (R2). */
function advanceOver(rows: Iterable<Row>, { from }: { readonly from: Prefix }): Prefix {
  let { state, seq } = from;
  for (const row of rows) {
    const parsed = readEvent(row);
    if (numberOf(row, "seq") !== seq + 1 || !parsed.ok) break;
    state = reduce(state, parsed.value.event)?.[0] ?? state;
    seq += 1;
  }
  return { state, seq };
}

/** Keeps the newest prefix of a run, and of the runs the most lately used. */
function remember(cache: Map<RunId, Prefix>, runId: RunId, prefix: Prefix): void {
  cache.delete(runId);
  cache.set(runId, prefix);
  const [oldest] = cache.keys();
  if (cache.size > CACHED_RUNS_MAX && oldest !== undefined) cache.delete(oldest);
}

function logOf(runId: RunId, rows: readonly Row[], from: number): RunLog {
  const events: RunEventData[] = [];
  const damage: RowDamage[] = [];
  const report = (key: string, reason: string): void => {
    damage.push({ table: "run_events", key: `${runId}/${key}`, reason });
  };
  let expected = from + 1;
  for (const row of rows) {
    const seq = numberOf(row, "seq");
    if (seq > expected) report(spanOf(expected, seq - 1), MISSING);
    expected = seq + 1;
    const parsed = readEvent(row);
    if (parsed.ok) events.push(parsed.value);
    else report(String(seq), parsed.error);
  }
  return { events, damage };
}

function spanOf(first: number, last: number): string {
  return first === last ? String(first) : `${first}-${last}`;
}

interface RunRows {
  readonly queries: Pick<RunTable, "listRuns" | "findRun">;
  expectRun(run: ExpectedRun): void;
  reset(runId: RunId): void;
  /** Lets events behind `seq` count again; what the row says stays until they come. */
  shorten(runId: RunId, seq: number): void;
  update(runId: RunId, prefix: Prefix): void;
  touch(sessionId: SessionId, at: number): void;
}

function runRows(database: DatabaseSync, report: ReportDamage): RunRows {
  const expect = database.prepare(`
    INSERT INTO runs (run_id, session_id, flow_name, status, requested_at, finished_at, seq)
    VALUES (?, ?, ?, 'pending', ?, NULL, 0) ON CONFLICT DO NOTHING`);
  const update = database.prepare(`
    UPDATE runs SET flow_name = ?, status = ?, requested_at = ?, finished_at = ?, seq = ?
    WHERE run_id = ? AND seq < ?`);
  const reset = database.prepare(
    "UPDATE runs SET status = 'pending', finished_at = NULL, seq = 0 WHERE run_id = ?",
  );
  const shorten = database.prepare("UPDATE runs SET seq = ? WHERE run_id = ? AND seq > ?");
  const touch = database.prepare(
    "UPDATE sessions SET changed_at = max(changed_at, ?) WHERE session_id = ?",
  );
  return {
    queries: runQueries(database, report),
    expectRun({ runId, sessionId, flowName, at }) {
      expect.run(runId, sessionId, flowName, at);
    },
    reset(runId) {
      reset.run(runId);
    },
    shorten(runId, seq) {
      shorten.run(seq, runId, seq);
    },
    update(runId, { state, seq }) {
      if (state === undefined) return;
      const { origin, status, finishedAt } = state;
      const { flowName } = origin.spec;
      update.run(flowName, status, origin.requestedAt, finishedAt, seq, runId, seq);
    },
    touch(sessionId, at) {
      touch.run(at, sessionId);
    },
  };
}

const NEWEST_FIRST = "ORDER BY requested_at DESC, run_id DESC";
const KEPT = "session_id NOT IN (SELECT session_id FROM sessions WHERE deleted = 1)";

function runQueries(
  database: DatabaseSync,
  report: ReportDamage,
): Pick<RunTable, "listRuns" | "findRun"> {
  const read = (rows: readonly Row[]): readonly RunRow[] =>
    rows.flatMap((row) => runRowsOf(row, report));
  const ofSession = database.prepare(`SELECT * FROM runs WHERE session_id = ? ${NEWEST_FIRST}`);
  const latest = database.prepare(`SELECT * FROM runs WHERE ${KEPT} ${NEWEST_FIRST} LIMIT 1`);
  const byId = database.prepare(`SELECT * FROM runs WHERE run_id = ? AND ${KEPT}`);
  const byPrefix = database.prepare(`
    SELECT * FROM runs WHERE lower(substr(run_id, 1, ?)) = lower(?) AND ${KEPT} ${NEWEST_FIRST}`);
  return {
    listRuns: (sessionId) => read(ofSession.all(sessionId)),
    findRun(wanted) {
      if (wanted === "") return { status: "none" };
      const exact = read(byId.all(wanted));
      if (exact.length > 0) return foundAmong(exact);
      if (wanted === "latest") return foundAmong(read(latest.all()));
      return foundAmong(read(byPrefix.all(wanted.length, wanted)));
    },
  };
}

/** A run's row; none for one whose ids are damaged, which harms no other. */
function runRowsOf(row: Row, report: ReportDamage): readonly RunRow[] {
  const reason = runRowProblem(row);
  if (reason !== undefined) report({ table: "runs", key: String(row["run_id"]), reason });
  const runId = runIdSchema.safeParse(textOf(row, "run_id"));
  const sessionId = sessionIdSchema.safeParse(textOf(row, "session_id"));
  if (!runId.success || !sessionId.success) return [];
  return [
    {
      runId: runId.data,
      sessionId: sessionId.data,
      flowName: textOf(row, "flow_name"),
      status: statusOf(textOf(row, "status")),
      requestedAt: numberOf(row, "requested_at"),
      finishedAt: numberOrNull(row, "finished_at"),
    },
  ];
}

function statusOf(text: string): RunRow["status"] {
  const status = runStatusSchema.safeParse(text);
  return status.success ? status.data : "pending";
}
