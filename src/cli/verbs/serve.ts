import { z } from "zod";
import { flag } from "../flag.ts";
import { defineVerb } from "../verb.ts";

/** Serves the session API. */
export const serveVerb = defineVerb({
  name: "serve",
  group: "sessions",
  summary: "serve sessions and runs over HTTP",
  operands: "",
  count: [0, 0],
  details: [
    "Prints the address when it listens, and serves until it is interrupted. Callers need the token in\nthe file api-token of the state folder. What there is to call: /openapi.json.",
  ],
  flags: {
    port: flag(
      { kind: "text", placeholder: "PORT", says: "the port; 0 (default) takes a free one" },
      z.coerce
        .number("--port is a number")
        .int("--port is a whole number")
        .min(0, "--port is at least 0")
        .max(65_535, "--port is at most 65535")
        .default(0),
    ),
    host: flag(
      {
        kind: "text",
        placeholder: "ADDRESS",
        says: "the address to listen on; 127.0.0.1 (default) is heard by this machine alone",
      },
      z.string().min(1).max(253).default("127.0.0.1"),
    ),
    socket: flag(
      { kind: "text", placeholder: "PATH", says: "a unix socket instead of a port" },
      z.string().min(1).max(100, "--socket is at most 100 characters").optional(),
    ),
  },
  examples: [
    { line: "aimie-console serve --port 8787", says: "on a port of your choice" },
    {
      line: "aimie-console serve --socket api.sock",
      says: "then: curl --unix-socket api.sock http://localhost/openapi.json",
    },
  ],
  async perform(context) {
    await (await import("../serve.ts")).serve(context);
    return context.signals.exitCode() ?? 0;
  },
});
