import { defineVerb } from "../verb.ts";

/** Lists the saved sessions. */
export const sessionsVerb = defineVerb({
  name: "sessions",
  group: "sessions",
  summary: "list the saved sessions",
  operands: "",
  count: [0, 0],
  flags: {},
  examples: [
    {
      line: "aimie-console sessions --output json | jq -r '.[0].name'",
      says: "the name of the last session",
    },
  ],
  async perform(context) {
    await (await import("../list-sessions.ts")).listSessions(context);
    return 0;
  },
});
