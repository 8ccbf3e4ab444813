/**
 * The session API: sessions and runs over HTTP.
 *
 * H1 Nothing is kept here: what is asked is looked up or carried out by the application behind.
 * H2 Every refusal has a status and a body of `code`, `message`, `nextStep`.
 */
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { OpenAPIHono } from "@hono/zod-openapi";
import { HTTPException } from "hono/http-exception";
import type { RunId, SessionId } from "../../protocol/ids.ts";
import { describeIssues } from "../../protocol/parse-message.ts";
import type { SessionRow } from "../session-table.ts";
import type { ApiOutcome, SessionBackend } from "./backend.ts";
import type { StreamedEvent } from "./event-stream.ts";
import { eventStream } from "./event-stream.ts";
import type { GuardOptions } from "./guards.ts";
import { hostGuard, rateGuard, sizeGuard, tokenGuard } from "./guards.ts";
import * as routes from "./routes.ts";

const DESCRIPTION = {
  openapi: "3.1.0",
  info: {
    title: "aimie-console session API",
    version: "1",
    description:
      "Sessions and runs of aimie-console, served by `aimie-console serve`. Every path under /v1 needs the bearer token.",
  },
} as const;

/** The API over a backend, behind its guards. */
export function sessionRouter(backend: SessionBackend, guards: GuardOptions): OpenAPIHono {
  const app = emptyRouter();
  app.use(hostGuard(guards.hosts));
  app.use(rateGuard(guards.requestsPerSecond));
  app.use("/v1/*", tokenGuard(guards.token));
  app.use(sizeGuard());
  serveSessions(app, backend);
  serveRuns(app, backend);
  app.doc31("/openapi.json", DESCRIPTION);
  return app;
}

/** The OpenAPI document of the API. */
export function describeApi(): object {
  const app = emptyRouter();
  const nothing: SessionBackend = {
    sessions: () => [],
    entries: () => [],
    runs: () => [],
    run: async () => undefined,
    runEvents: () => [],
    createSession: () => problem(404, "usage", "", ""),
    perform: async () => ({ ok: true, runId: null }),
    artifact: async () => undefined,
    onChange: () => () => undefined,
  };
  serveSessions(app, nothing);
  serveRuns(app, nothing);
  return app.getOpenAPI31Document(DESCRIPTION);
}

function emptyRouter(): OpenAPIHono {
  const app = new OpenAPIHono({
    defaultHook(result, context) {
      if (result.success) return undefined;
      const message = describeIssues(result.error);
      const nextStep = "see /openapi.json";
      return context.json({ code: "usage", message, nextStep }, 400);
    },
  });
  app.openAPIRegistry.registerComponent("securitySchemes", "token", {
    type: "http",
    scheme: "bearer",
  });
  app.notFound((context) => {
    const message = `there is no ${context.req.method} ${context.req.path}`;
    return context.json({ code: "usage", message, nextStep: "see /openapi.json" }, 404);
  });
  app.onError((cause, context) => {
    if (cause instanceof HTTPException) {
      if (cause.res !== undefined) return cause.getResponse();
      const message = cause.message === "" ? "the request cannot be read" : cause.message;
      return context.json({ code: "usage", message, nextStep: "see /openapi.json" }, cause.status);
    }
    const nextStep = "see the log file of aimie-console";
    return context.json({ code: "bug", message: cause.message, nextStep }, 500);
  });
  return app;
}

function serveSessions(app: OpenAPIHono, backend: SessionBackend): void {
  const rowOf = (sessionId: SessionId): SessionRow =>
    backend.sessions().find((one) => one.sessionId === sessionId) ??
    problem(404, "usage", `there is no session ${sessionId}`, "GET /v1/sessions lists them");
  app.openapi(routes.listSessions, (context) => context.json([...backend.sessions()], 200));
  app.openapi(routes.createSession, (context) => {
    const sessionId = backend.createSession(context.req.valid("json").name);
    return context.json(rowOf(sessionId), 201);
  });
  app.openapi(routes.getSession, (context) => {
    const { sessionId } = context.req.valid("param");
    const session = rowOf(sessionId);
    return context.json({ session, entries: [...backend.entries(sessionId)] }, 200);
  });
  app.openapi(routes.renameSession, async (context) => {
    const { sessionId } = context.req.valid("param");
    rowOf(sessionId);
    const { name } = context.req.valid("json");
    accept(await backend.perform({ type: "rename-session", sessionId, name }));
    return context.json(rowOf(sessionId), 200);
  });
  app.openapi(routes.deleteSession, async (context) => {
    const { sessionId } = context.req.valid("param");
    rowOf(sessionId);
    accept(await backend.perform({ type: "delete-session", sessionId }));
    return context.body(null, 204);
  });
  app.openapi(routes.addNote, async (context) => {
    const { sessionId } = context.req.valid("param");
    rowOf(sessionId);
    const { text } = context.req.valid("json");
    accept(await backend.perform({ type: "add-note", sessionId, text }));
    return context.json([...backend.entries(sessionId)], 201);
  });
  app.openapi(routes.streamSession, (context) => {
    const { sessionId } = context.req.valid("param");
    rowOf(sessionId);
    return eventStream(context, () => eventsOfSession(backend, sessionId), backend.onChange);
  });
}

function eventsOfSession(backend: SessionBackend, sessionId: SessionId): readonly StreamedEvent[] {
  const entries = backend
    .entries(sessionId)
    .map((entry) => ({ id: entry.entryId, event: "entry", data: entry }));
  const runs = backend
    .runs(sessionId)
    .map((run) => ({ id: `${run.runId}.${run.status}`, event: "run", data: run }));
  return [...entries, ...runs];
}

function serveRuns(app: OpenAPIHono, backend: SessionBackend): void {
  app.openapi(routes.listRuns, (context) => {
    const { sessionId } = context.req.valid("param");
    refuseUnknownSession(backend, sessionId);
    return context.json([...backend.runs(sessionId)], 200);
  });
  app.openapi(routes.startRun, async (context) => {
    const { sessionId } = context.req.valid("param");
    refuseUnknownSession(backend, sessionId);
    const { flow, parameters, noCache } = context.req.valid("json");
    const wish = { type: "start-run", sessionId, flowName: flow, parameters, noCache } as const;
    return context.json({ runId: accept(await backend.perform(wish)) }, 202);
  });
  app.openapi(routes.getRun, async (context) => {
    const run = await runOf(backend, context.req.valid("param").runId);
    // The run's JSON has its own documented shape; the schema here names its main parts.
    return context.json(run as never, 200);
  });
  app.openapi(routes.rerunStep, async (context) => {
    const { runId } = context.req.valid("param");
    await runOf(backend, runId);
    const stepKey = context.req.valid("json").step;
    accept(await backend.perform({ type: "rerun-step", runId, stepKey }));
    return context.json({ runId }, 202);
  });
  app.openapi(routes.cancelRun, async (context) => {
    const { runId } = context.req.valid("param");
    await runOf(backend, runId);
    accept(await backend.perform({ type: "cancel-run", runId }));
    return context.json({ runId }, 202);
  });
  app.openapi(routes.streamRun, async (context) => {
    const { runId } = context.req.valid("param");
    await runOf(backend, runId);
    const read = (): readonly StreamedEvent[] =>
      backend.runEvents(runId).map((data) => ({ id: String(data.seq), event: "run-event", data }));
    return eventStream(context, read, backend.onChange);
  });
  app.openapi(routes.getArtifact, async (context) => {
    const { runId, sha256 } = context.req.valid("param");
    const found = await backend.artifact(runId, sha256);
    if (found === undefined) {
      const message = `run ${runId} has no artifact ${sha256} that anybody still has`;
      return problem(404, "usage", message, "see the run's outputs");
    }
    const body = Readable.toWeb(createReadStream(found.path)) as ReadableStream;
    return context.body(body, 200, {
      "Content-Type": found.mediaType,
      "Content-Disposition": "attachment",
      "X-Content-Type-Options": "nosniff",
    });
  });
}

function refuseUnknownSession(backend: SessionBackend, sessionId: SessionId): void {
  if (backend.sessions().some((one) => one.sessionId === sessionId)) return;
  problem(404, "usage", `there is no session ${sessionId}`, "GET /v1/sessions lists them");
}

async function runOf(backend: SessionBackend, runId: RunId): Promise<object> {
  return (
    (await backend.run(runId)) ??
    problem(404, "usage", `there is no run ${runId}`, "GET /v1/sessions/{id}/runs lists them")
  );
}

const STATUSES: Readonly<Record<string, 400 | 409 | 503 | 504>> = {
  usage: 400,
  conflict: 409,
  "bus-unreachable": 503,
  timeout: 504,
};

/** The run of an outcome; throws what an error's response is made of. */
function accept(outcome: ApiOutcome): string {
  if (outcome.ok) return outcome.runId ?? "";
  const { code, message, nextStep } = outcome;
  return problem(STATUSES[code] ?? 500, code, message, nextStep);
}

function problem(
  status: 400 | 404 | 409 | 500 | 503 | 504,
  code: string,
  message: string,
  nextStep: string,
): never {
  const res = Response.json({ code, message, nextStep }, { status });
  throw new HTTPException(status, { res, message });
}
