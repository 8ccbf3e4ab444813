/** `serve`: the session API over HTTP. */
import { isIP } from "node:net";
import { join } from "node:path";
import { systemClock } from "../base/clock.ts";
import { randomName, systemRandom } from "../base/random.ts";
import type { ConsoleHandle, ConsoleReach } from "../console/console-handle.ts";
import type { RunView } from "../console/console-state.ts";
import type { RunId } from "../protocol/ids.ts";
import { sessionIdSchema } from "../protocol/ids.ts";
import { artifactsIn } from "../session/core/artifacts-of.ts";
import { apiToken } from "../session/http/api-token.ts";
import type { SessionBackend } from "../session/http/backend.ts";
import type { ListenPlace } from "../session/http/listen.ts";
import { listen } from "../session/http/listen.ts";
import { sessionRouter } from "../session/http/router.ts";
import type { SessionStore } from "../session/store.ts";
import { catalogueFolders, openConsole } from "./open-console.ts";
import { runJson } from "./run-json.ts";
import type { VerbContext } from "./verb.ts";

/** Where to serve. */
export interface ServeFlags {
  readonly port: number;
  readonly host: string;
  readonly socket?: string | undefined;
}

/** How long a run that was asked for may take to appear, milliseconds. */
const ARRIVAL_MS = 5000;

/** Names under which this machine may be called when only it can call. */
const LOCAL_NAMES = ["localhost", "127.0.0.1", "[::1]"];

/** Serves until a signal comes. */
export async function serve({
  config,
  flags,
  output,
  signals,
}: VerbContext<ServeFlags>): Promise<void> {
  const { port, host, socket } = flags;
  const place: ListenPlace = socket === undefined ? { host, port } : { socket };
  const tokenFile = join(config.stateFolder.value, "api-token");
  const progress = output.interactive ? (text: string) => output.err(text) : undefined;
  const opened = openConsole(config, catalogueFolders(config), progress, "all");
  try {
    await opened.connected;
    const token = apiToken(tokenFile);
    const own = isIP(host) === 6 ? `[${host}]` : host;
    const guards = { token, hosts: [...LOCAL_NAMES, own] };
    const router = sessionRouter(backendOf(opened.store, opened.handle), guards);
    const server = await listen((request) => router.fetch(request), place);
    const { address } = server;
    output.out(
      flags.output === "text" ? address : JSON.stringify({ version: 1, address, tokenFile }),
    );
    if (flags.output === "text") output.err(usageOf(address, tokenFile, socket !== undefined));
    await new Promise<void>((resolve) => {
      if (signals.first.aborted) resolve();
      signals.first.addEventListener("abort", () => resolve());
    });
    await server.close();
  } finally {
    await opened.close();
  }
}

function usageOf(address: string, tokenFile: string, isSocket: boolean): string {
  const where = isSocket ? `--unix-socket ${address} http://localhost` : address;
  return `try: curl -H "Authorization: Bearer $(cat ${tokenFile})" ${where}/v1/sessions`;
}

/** A run that was asked for and is not there yet, once it is; undefined when it does not come. */
async function arrival(
  handle: ConsoleHandle & ConsoleReach,
  runId: RunId,
): Promise<RunView | undefined> {
  await new Promise<void>((resolve) => {
    const stop = handle.store.subscribe(({ runs }) => {
      if (runs.some((run) => run.runId === runId)) finish();
    });
    const cancel = systemClock.after(ARRIVAL_MS, () => finish());
    const finish = (): void => {
      stop();
      cancel();
      resolve();
    };
  });
  return await handle.lookUp(runId);
}

function backendOf(store: SessionStore, handle: ConsoleHandle & ConsoleReach): SessionBackend {
  return {
    sessions: () => store.listSessions(),
    entries: (sessionId) => store.entries(sessionId).entries,
    runs: (sessionId) => store.listRuns(sessionId),
    async run(runId) {
      const expected = store.findRun(runId).status === "unique";
      const run =
        (await handle.lookUp(runId)) ?? (expected ? await arrival(handle, runId) : undefined);
      return run && runJson(run, (artifact) => handle.artifactPath(artifact));
    },
    runEvents: (runId) => store.runEvents(runId).events,
    createSession(name) {
      const sessionId = sessionIdSchema.parse(`s-${randomName(systemRandom, 8)}`);
      store.record(sessionId, { type: "session-created", name });
      return sessionId;
    },
    async perform(wish) {
      return await handle.dispatch(wish);
    },
    async artifact(runId, sha256) {
      const known = store.runEvents(runId).events.flatMap((data) => artifactsIn(data));
      const artifact = known.find((one) => one.sha256 === sha256);
      const path = artifact && (await handle.fetchArtifact(artifact));
      return artifact && path !== undefined ? { path, mediaType: artifact.mediaType } : undefined;
    },
    onChange: (listener) =>
      handle.store.subscribe((now, before) => {
        if (now.runs !== before.runs || now.sessions !== before.sessions) listener();
      }),
  };
}
