/** The paths of the session API: what each takes and gives. */
import { createRoute, z } from "@hono/zod-openapi";
import {
  artifactParams,
  entryBody,
  errorBody,
  nameBody,
  noteBody,
  rerunBody,
  runBody,
  runParams,
  runRowBody,
  sessionBody,
  sessionParams,
  sessionWithEntriesBody,
  startBody,
  startedBody,
} from "./schemas.ts";

const json = <Schema extends z.ZodType>(schema: Schema) => ({ "application/json": { schema } });

const given = <Schema extends z.ZodType>(schema: Schema) => ({
  body: { required: true, content: json(schema) },
});

const refusal = { description: "Not done; the body says why", content: json(errorBody) };

/** Described only: with it in the types, every answer would have to be one of the two. */
const orRefusal = <Responses extends object>(responses: Responses): Responses => ({
  ...responses,
  default: refusal,
});

const gives = <Status extends number, Schema extends z.ZodType>(
  status: Status,
  description: string,
  schema: Schema,
) =>
  orRefusal({ [status]: { description, content: json(schema) } }) as Record<
    Status,
    { description: string; content: ReturnType<typeof json<Schema>> }
  >;

const streams = (description: string) =>
  orRefusal({ 200: { description, content: { "text/event-stream": { schema: z.string() } } } });

const secured = { security: [{ token: [] }] };

export const listSessions = createRoute({
  method: "get",
  path: "/v1/sessions",
  summary: "List the sessions, the last changed first",
  ...secured,
  responses: gives(200, "The sessions", z.array(sessionBody)),
});

export const createSession = createRoute({
  method: "post",
  path: "/v1/sessions",
  summary: "Create a session",
  ...secured,
  request: given(nameBody),
  responses: gives(201, "The new session", sessionBody),
});

export const getSession = createRoute({
  method: "get",
  path: "/v1/sessions/{sessionId}",
  summary: "Get a session with its entries",
  ...secured,
  request: { params: sessionParams },
  responses: gives(200, "The session", sessionWithEntriesBody),
});

export const renameSession = createRoute({
  method: "patch",
  path: "/v1/sessions/{sessionId}",
  summary: "Rename a session",
  ...secured,
  request: { params: sessionParams, ...given(nameBody) },
  responses: gives(200, "The renamed session", sessionBody),
});

export const deleteSession = createRoute({
  method: "delete",
  path: "/v1/sessions/{sessionId}",
  summary: "Delete a session and its mirror",
  ...secured,
  request: { params: sessionParams },
  responses: orRefusal({ 204: { description: "Deleted" } }),
});

export const addNote = createRoute({
  method: "post",
  path: "/v1/sessions/{sessionId}/notes",
  summary: "Append a note to a session",
  ...secured,
  request: { params: sessionParams, ...given(noteBody) },
  responses: gives(201, "The session's entries", z.array(entryBody)),
});

export const streamSession = createRoute({
  method: "get",
  path: "/v1/sessions/{sessionId}/events",
  summary: "Follow a session: its entries and the states of its runs, as server-sent events",
  ...secured,
  request: { params: sessionParams },
  responses: streams("Events `entry` and `run`"),
});

export const listRuns = createRoute({
  method: "get",
  path: "/v1/sessions/{sessionId}/runs",
  summary: "List the runs of a session, the newest first",
  ...secured,
  request: { params: sessionParams },
  responses: gives(200, "The runs", z.array(runRowBody)),
});

export const startRun = createRoute({
  method: "post",
  path: "/v1/sessions/{sessionId}/runs",
  summary: "Start a run",
  ...secured,
  request: { params: sessionParams, ...given(startBody) },
  responses: gives(202, "The run was asked for", startedBody),
});

export const getRun = createRoute({
  method: "get",
  path: "/v1/runs/{runId}",
  summary: "Get a run, in the shape of `show --output json`",
  ...secured,
  request: { params: runParams },
  responses: gives(200, "The run", runBody),
});

export const rerunStep = createRoute({
  method: "post",
  path: "/v1/runs/{runId}/rerun",
  summary: "Do a step and what is built on it again",
  ...secured,
  request: { params: runParams, ...given(rerunBody) },
  responses: gives(202, "The rerun was asked for", startedBody),
});

export const cancelRun = createRoute({
  method: "post",
  path: "/v1/runs/{runId}/cancel",
  summary: "Cancel a run",
  ...secured,
  request: { params: runParams },
  responses: gives(202, "The cancellation was asked for", startedBody),
});

export const streamRun = createRoute({
  method: "get",
  path: "/v1/runs/{runId}/events",
  summary: "Follow a run: its events by seq, as server-sent events; resumes after Last-Event-ID",
  ...secured,
  request: { params: runParams },
  responses: streams("Events `run-event`; the id is the seq"),
});

export const getArtifact = createRoute({
  method: "get",
  path: "/v1/runs/{runId}/artifacts/{sha256}",
  summary: "Get a file that a run made",
  ...secured,
  request: { params: artifactParams },
  responses: orRefusal({
    200: {
      description: "The file",
      content: { "application/octet-stream": { schema: z.string() } },
    },
  }),
});
