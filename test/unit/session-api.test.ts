import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Validator } from "@seriousme/openapi-schema-validator";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { apiToken } from "../../src/session/http/api-token.ts";
import type { ApiOutcome, ApiWish, SessionBackend } from "../../src/session/http/backend.ts";
import { listen } from "../../src/session/http/listen.ts";
import { describeApi, sessionRouter } from "../../src/session/http/router.ts";
import type { StoreFolder } from "../support/session-fixtures.ts";
import {
  created,
  entryIdOf,
  run1,
  session1,
  storeFolder,
  succeedingRun,
} from "../support/session-fixtures.ts";

const TOKEN = "t".repeat(43);

let folder: StoreFolder;
let wishes: ApiWish[];
let outcome: ApiOutcome;
let backend: SessionBackend;
let changed: Set<() => void>;
beforeEach(() => {
  folder = storeFolder();
  const store = folder.open();
  store.append(created(1, "Epidemics"));
  wishes = [];
  changed = new Set();
  outcome = { ok: true, runId: run1 };
  backend = {
    sessions: () => store.listSessions(),
    entries: (sessionId) => store.entries(sessionId).entries,
    runs: (sessionId) => store.listRuns(sessionId),
    run: async (runId) => (runId === run1 ? { version: 1, run: { id: runId } } : undefined),
    runEvents: () => succeedingRun(),
    createSession() {
      return session1;
    },
    async perform(wish) {
      wishes.push(wish);
      return outcome;
    },
    async artifact(_run, sha256) {
      return sha256.startsWith("a") ? { path: folder.path, mediaType: "text/csv" } : undefined;
    },
    onChange(listener) {
      changed.add(listener);
      return () => changed.delete(listener);
    },
  };
});
afterEach(() => folder.remove());

async function ask(
  path: string,
  {
    method = "GET",
    body,
    headers = {},
    perSecond = 1000,
  }: {
    readonly method?: string;
    readonly body?: unknown;
    readonly headers?: Readonly<Record<string, string>>;
    readonly perSecond?: number;
  } = {},
): Promise<Response> {
  const guards = { token: TOKEN, hosts: ["localhost"], requestsPerSecond: perSecond };
  return await sessionRouter(backend, guards).request(path, {
    method,
    headers: {
      host: "localhost:80",
      authorization: `Bearer ${TOKEN}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

test("sessions are listed, read, made and changed", async () => {
  expect(await (await ask("/v1/sessions")).json()).toMatchObject([{ name: "Epidemics" }]);
  expect(await (await ask("/v1/sessions/S1")).json()).toMatchObject({
    session: { sessionId: "S1" },
    entries: [{ type: "session-created" }],
  });
  const made = await ask("/v1/sessions", { method: "POST", body: { name: "x" } });
  expect(made.status).toBe(201);
  await ask("/v1/sessions/S1", { method: "PATCH", body: { name: "new" } });
  await ask("/v1/sessions/S1/notes", { method: "POST", body: { text: "seen" } });
  expect((await ask("/v1/sessions/S1", { method: "DELETE" })).status).toBe(204);
  expect(wishes).toEqual([
    { type: "rename-session", sessionId: "S1", name: "new" },
    { type: "add-note", sessionId: "S1", text: "seen" },
    { type: "delete-session", sessionId: "S1" },
  ]);
});

test("runs are started, done again, cancelled and read", async () => {
  const started = await ask("/v1/sessions/S1/runs", { method: "POST", body: {} });
  expect([started.status, await started.json()]).toEqual([202, { runId: "R1" }]);
  await ask("/v1/runs/R1/rerun", { method: "POST", body: { step: "qna" } });
  await ask("/v1/runs/R1/cancel", { method: "POST" });
  expect(wishes).toEqual([
    {
      type: "start-run",
      sessionId: "S1",
      flowName: "simulation-qna-viz",
      parameters: {},
      noCache: false,
    },
    { type: "rerun-step", runId: "R1", stepKey: "qna" },
    { type: "cancel-run", runId: "R1" },
  ]);
  expect(await (await ask("/v1/runs/R1")).json()).toMatchObject({ run: { id: "R1" } });
  expect(await (await ask("/v1/sessions/S1/runs")).json()).toEqual([]);
  expect((await ask(`/v1/runs/R1/artifacts/${"a".repeat(64)}`)).headers.get("content-type")).toBe(
    "text/csv",
  );
});

test.each([
  ["/v1/sessions/absent", 404],
  ["/v1/sessions/absent/runs", 404],
  ["/v1/sessions/absent/events", 404],
  ["/v1/runs/absent", 404],
  ["/v1/runs/absent/events", 404],
  [`/v1/runs/R1/artifacts/${"b".repeat(64)}`, 404],
  ["/v1/runs/R1/artifacts/x", 400],
  ["/v1/sessions/%2e%2e%2f", 400],
  ["/v1/nothing", 404],
])("%s is answered with %i and a reason", async (path, status) => {
  const response = await ask(path);
  expect(response.status).toBe(status);
  expect(await response.json()).toEqual({
    code: "usage",
    message: expect.any(String),
    nextStep: expect.any(String),
  });
});

test.each([
  ["conflict", 409],
  ["usage", 400],
  ["bus-unreachable", 503],
  ["timeout", 504],
  ["bug", 500],
] as const)("a refusal of the kind %s has the status %i", async (code, status) => {
  outcome = { ok: false, code, message: "no", nextStep: "later" };
  const response = await ask("/v1/sessions/S1", { method: "PATCH", body: { name: "x" } });
  expect([response.status, await response.json()]).toEqual([
    status,
    { code, message: "no", nextStep: "later" },
  ]);
});

test("nobody comes in without the token", async () => {
  for (const authorization of ["", "Bearer", "Bearer wrong", `Basic ${TOKEN}`]) {
    const response = await ask("/v1/sessions", { headers: { authorization } });
    expect([400, 401]).toContain(response.status);
    expect(await response.json()).toMatchObject({ code: "usage" });
  }
  const open = await ask("/openapi.json", { headers: { authorization: "" } });
  expect(open.status).toBe(200);
});

test("pages of the web are refused, by name of the host and by origin", async () => {
  const rebound = await ask("/v1/sessions", { headers: { host: "evil.example:80" } });
  const page = await ask("/v1/sessions", { headers: { origin: "http://localhost" } });
  expect([rebound.status, page.status]).toEqual([403, 403]);
  const preflight = await ask("/v1/sessions", {
    method: "OPTIONS",
    headers: { origin: "http://evil.example" },
  });
  expect(preflight.headers.get("access-control-allow-origin")).toBeNull();
});

test("too large a body, and too many requests, are refused", async () => {
  const text = "x".repeat(300 * 1024);
  const large = await ask("/v1/sessions/S1/notes", { method: "POST", body: { text } });
  expect(large.status).toBe(413);
  const guards = { token: TOKEN, hosts: ["localhost"], requestsPerSecond: 2 };
  const router = sessionRouter(backend, guards);
  const statuses: number[] = [];
  for (let n = 0; n < 3; n += 1) {
    statuses.push(
      (await router.request("/v1/sessions", { headers: { host: "localhost" } })).status,
    );
  }
  expect(statuses).toEqual([401, 401, 429]);
});

test("what cannot be read is refused with its place", async () => {
  const wrong = await ask("/v1/sessions", { method: "POST", body: { name: 7 } });
  expect([wrong.status, await wrong.json()]).toMatchObject([400, { code: "usage" }]);
});

test("events of a run come in order, from where the caller left off", async () => {
  const response = await ask("/v1/runs/R1/events", { headers: { "last-event-id": "1" } });
  const reader = response.body?.getReader();
  let text = "";
  while (!text.includes("id: 3\n")) {
    const part = await reader?.read();
    text += new TextDecoder().decode(part?.value);
  }
  await reader?.cancel();
  expect([...text.matchAll(/^id: (.*)$/gm)].map(([, id]) => id)).toEqual(["2", "3"]);
});

test("entries of a session come as they are made", async () => {
  const response = await ask("/v1/sessions/S1/events");
  const reader = response.body?.getReader();
  let text = "";
  const until = async (part: string): Promise<void> => {
    while (!text.includes(part)) text += new TextDecoder().decode((await reader?.read())?.value);
  };
  await until("session-created");
  const note = { v: 1, type: "note-added", entryId: entryIdOf(2), sessionId: session1 } as const;
  folder.open().append({ ...note, at: 2, text: "fresh" });
  for (const listener of changed) listener();
  await until("fresh");
  await reader?.cancel();
});

test("the document in docs is the one that is served", async () => {
  const served = await (await ask("/openapi.json")).json();
  expect(served).toEqual(JSON.parse(JSON.stringify(describeApi())));
  const path = join(import.meta.dirname, "../../docs/openapi.json");
  const text = `${JSON.stringify(served, null, 2)}\n`;
  if (process.env["UPDATE_OPENAPI"] === "1") writeFileSync(path, text);
  expect(readFileSync(path, "utf8"), "UPDATE_OPENAPI=1 npx vitest run writes it").toBe(text);
});

test("the document is one that other readers of OpenAPI take, with every reference in it found", async () => {
  const { document, refs } = publishedApi();
  const reader = new Validator();

  expect(await reader.validate(document)).toEqual({ valid: true });
  expect(reader.version).toBe("3.1");
  expect(refs.length).toBeGreaterThan(0);
  expect(refs.filter((ref) => pointedAt(document, ref) === undefined)).toEqual([]);
});

test("that reader refuses a document without a title", async () => {
  const { document } = publishedApi();
  const { valid } = await new Validator().validate({ ...document, info: { version: "1" } });
  expect(valid).toBe(false);
});

/** The document as it travels, and all places in it that point to others. */
function publishedApi(): { document: Record<string, unknown>; refs: readonly string[] } {
  const refs: string[] = [];
  const text = JSON.stringify(describeApi());
  const document = z.record(z.string(), z.unknown()).parse(
    JSON.parse(text, (key, value: unknown) => {
      if (key === "$ref" && typeof value === "string") refs.push(value);
      return value;
    }),
  );
  return { document, refs };
}

function pointedAt(document: unknown, ref: string): unknown {
  const names = ref.replace(/^#\//, "").split("/");
  return names.reduce<unknown>((at, name) => Reflect.get(Object(at), name), document);
}

test("the token is made once, for its owner alone", () => {
  const place = mkdtempSync(join(tmpdir(), "token-"));
  const path = join(place, "state", "api-token");
  const token = apiToken(path);
  expect(apiToken(path)).toBe(token);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  writeFileSync(path, "short");
  expect(() => apiToken(path)).toThrow(/does not hold a token/);
  rmSync(place, { recursive: true });
});

test("a place that is taken is refused with a remedy, a socket left behind is not", async () => {
  const fetch = (): Response => new Response("here");
  const first = await listen(fetch, { host: "127.0.0.1", port: 0 });
  expect(await (await globalThis.fetch(first.address)).text()).toBe("here");
  const port = Number(new URL(first.address).port);
  await expect(listen(fetch, { host: "127.0.0.1", port })).rejects.toThrow(/cannot listen/);
  await first.close();
  const socket = join(folder.folder, "api.sock");
  const listening = await listen(fetch, { socket });
  expect(statSync(socket).mode & 0o777).toBe(0o600);
  await expect(listen(fetch, { socket })).rejects.toThrow(/cannot listen/);
  await listening.close();
});
