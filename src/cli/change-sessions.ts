/** `sessions rename|delete|prune|export|import`. */
import { createInterface } from "node:readline/promises";
import { systemClock } from "../base/clock.ts";
import { OperatorError } from "../base/operator-error.ts";
import { openConnection } from "../bus/connection.ts";
import { shareSessions } from "../console/shared-sessions.ts";
import { exportSession, importSession } from "../session/archive.ts";
import { applyPrune, planPrune } from "../session/prune.ts";
import type { SessionRow } from "../session/session-table.ts";
import type { NewEntry, SessionStore } from "../session/store.ts";
import { escapeText } from "../ui/escape-text.ts";
import type { CommonFlags } from "./flag.ts";
import { openArtifacts, openBus, openToldStore } from "./open-console.ts";
import type { Surroundings } from "./verb.ts";

type Scope = Surroundings & { readonly flags: Pick<CommonFlags, "output"> };

/** Milliseconds of a day. */
const DAY_MS = 86_400_000;

/** How a store is worked with while its mirror is kept the same. */
interface SharedStore {
  readonly store: SessionStore;
  change(session: SessionRow, entry: NewEntry): Promise<void>;
  synced(): Promise<void>;
}

/**
 * Opens the store for `work`; closes it in the end. With an address of a Redis the mirror is read before and written
 * after; without one the next console does it.
 */
export async function withStore(
  scope: Scope,
  work: (shared: SharedStore) => Promise<void>,
): Promise<void> {
  const { config, output } = scope;
  const store = openToldStore(config, output);
  try {
    if (config.redis.value === undefined) {
      await work({
        store,
        change: async ({ sessionId }, entry) => void store.record(sessionId, entry),
        synced: async () => undefined,
      });
      return;
    }
    const { address } = await openBus(config);
    const connection = openConnection(address, "command");
    const sessions = shareSessions(
      {
        store,
        clock: systemClock,
        namespace: config.namespace.value,
        log: (_level, text) => output.err(`aimie-console: ${text}`),
      },
      {
        sessionId: undefined,
        touchSessions: () => undefined,
        openSession: () => undefined,
        catchUp: async () => undefined,
      },
      connection,
    );
    try {
      await sessions.synced();
      const change: SharedStore["change"] = ({ sessionId }, entry) =>
        sessions.change(sessionId, entry);
      await work({ store, change, synced: () => sessions.synced() });
    } finally {
      await sessions.close();
      connection.disconnect();
    }
  } finally {
    store.close();
  }
}

/** The session of an id, of a beginning that only one id has, of a name, or of `@latest`. */
function findSession(store: SessionStore, wanted: string): SessionRow {
  const latest = wanted === "@latest" ? store.latestSession() : undefined;
  if (latest !== undefined) return latest;
  const found = store.findSession(wanted);
  if (found.status === "unique") return found.value;
  const several = found.status === "ambiguous";
  throw new OperatorError({
    code: "usage",
    message: several
      ? `${wanted} means ${found.candidates.length} sessions`
      : `there is no session ${wanted}`,
    nextStep: several ? "give more of its id" : "aimie-console sessions lists them",
  });
}

function tell({ output, flags }: Scope, json: object, text: string): void {
  output.out(flags.output === "text" ? text : JSON.stringify({ version: 1, ...json }));
}

/** Gives a session another name. */
export async function renameSession(scope: Scope, wanted: string, name: string): Promise<void> {
  if (name.trim() === "" || name.length > 200) {
    const message = "a session's name has 1 to 200 characters";
    throw new OperatorError({ code: "usage", message, nextStep: "give another name" });
  }
  await withStore(scope, async ({ store, change }) => {
    const session = findSession(store, wanted);
    await change(session, { type: "session-renamed", name });
    const { sessionId } = session;
    tell(scope, { sessionId, name }, `${sessionId} is now called ${escapeText(name)}`);
  });
}

/** Deletes a session and its mirror; what its runs made stays until `prune`. */
export async function deleteSession(scope: Scope, wanted: string, yes: boolean): Promise<void> {
  await withStore(scope, async ({ store, change }) => {
    const session = findSession(store, wanted);
    const { sessionId, name, runCount } = session;
    await confirm(yes, `delete ${sessionId} “${escapeText(name)}” with ${runCount} runs?`);
    await change(session, { type: "session-deleted" });
    tell(scope, { sessionId, deleted: true }, `${sessionId} deleted`);
  });
}

/** Removes sessions that have not changed for so many days. */
export async function pruneSessions(
  scope: Scope,
  { days, dryRun, yes }: { readonly days: number; readonly dryRun: boolean; readonly yes: boolean },
): Promise<void> {
  await withStore(scope, async ({ store, synced }) => {
    const plan = planPrune(store, systemClock.now() - days * DAY_MS);
    const { sessions, artifacts, bytes } = plan;
    const megabytes = (bytes / 1e6).toFixed(1);
    const lines = [
      ...sessions.map(({ sessionId, name }) => `${sessionId}  ${escapeText(name)}`),
      `${sessions.length} sessions, ${artifacts.length} files, ${megabytes} MB`,
    ];
    const json = { dryRun, sessions, artifacts, bytes };
    if (dryRun || sessions.length === 0) {
      tell(scope, json, lines.join("\n"));
      return;
    }
    if (!yes) scope.output.err(lines.join("\n"));
    await confirm(yes, "remove them, their mirror and these files?");
    await applyPrune(store, openArtifacts(scope.config), plan);
    await synced();
    tell(scope, json, `removed: ${lines.at(-1)}`);
  });
}

/** Writes a session to a file. */
export async function exportToFile(
  scope: Scope,
  wanted: string,
  file: string | undefined,
): Promise<void> {
  await withStore(scope, async ({ store }) => {
    const { sessionId } = findSession(store, wanted);
    const target = file ?? `${sessionId}.aimie-session`;
    const artifacts = openArtifacts(scope.config);
    const report = await exportSession({ store, artifacts }, sessionId, target);
    warnOfMissing(scope, report.missing.length);
    const { runs, artifacts: files } = report;
    tell(scope, { file: target, ...report }, `${target}: ${runs} runs, ${files} files`);
  });
}

/** Takes a session in from a file. */
export async function importFromFile(scope: Scope, file: string): Promise<void> {
  await withStore(scope, async ({ store, synced }) => {
    const artifacts = openArtifacts(scope.config);
    const report = await importSession({ store, artifacts }, file);
    warnOfMissing(scope, report.missing.length);
    await synced();
    const { sessionId, runs, artifacts: files } = report;
    tell(scope, { file, ...report }, `${sessionId}: ${runs} runs, ${files} files`);
  });
}

function warnOfMissing({ output }: Scope, count: number): void {
  if (count > 0) output.err(`aimie-console: ${count} files of its runs are not included`);
}

/** Asks on the terminal; without one the answer must be given by `--yes`. */
async function confirm(yes: boolean, question: string): Promise<void> {
  if (yes) return;
  const nextStep = "add --yes";
  if (process.stdin.isTTY !== true) {
    throw new OperatorError({
      code: "usage",
      message: `nobody can be asked: ${question}`,
      nextStep,
    });
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`${question} [y/N] `);
  terminal.close();
  if (/^y(es)?$/i.test(answer.trim())) return;
  throw new OperatorError({ code: "usage", message: "nothing was changed", nextStep });
}
