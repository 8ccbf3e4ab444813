import { z } from "zod";
import { flag } from "../flag.ts";
import { defineVerb } from "../verb.ts";

const yesFlag = () => flag({ kind: "switch", says: "do not ask" }, z.boolean().default(false));

const SHARED = "With --redis the mirror follows at once; without it, when a console next runs.";

/** Gives a session another name. */
export const sessionsRenameVerb = defineVerb({
  name: "sessions rename",
  group: "sessions",
  summary: "give a session another name",
  operands: "SESSION NAME",
  count: [2, 2],
  details: [SHARED],
  flags: {},
  examples: [
    { line: 'aimie-console sessions rename @latest "contact rates"', says: "the last session" },
  ],
  async perform(context) {
    const [wanted = "", name = ""] = context.operands;
    await (await import("../change-sessions.ts")).renameSession(context, wanted, name);
    return 0;
  },
});

/** Deletes a session. */
export const sessionsDeleteVerb = defineVerb({
  name: "sessions delete",
  group: "sessions",
  summary: "delete a session and its mirror",
  operands: "SESSION",
  count: [1, 1],
  details: [SHARED],
  flags: { yes: yesFlag() },
  examples: [{ line: "aimie-console sessions delete s-059rtftd --yes", says: "without asking" }],
  async perform(context) {
    const [wanted = ""] = context.operands;
    const { deleteSession } = await import("../change-sessions.ts");
    await deleteSession(context, wanted, context.flags.yes);
    return 0;
  },
});

/** Removes old sessions. */
export const sessionsPruneVerb = defineVerb({
  name: "sessions prune",
  group: "sessions",
  summary: "remove old sessions, their mirror and their files",
  operands: "",
  count: [0, 0],
  details: [SHARED, "Sessions with a run under way stay, and files that another session needs."],
  flags: {
    olderThan: flag(
      { kind: "text", placeholder: "DAYS", says: "unchanged for so long, such as 30d" },
      z
        .string("--older-than is needed, such as 30d")
        .regex(/^\d{1,5}d$/, "--older-than is a number of days, such as 30d")
        .transform((text) => Number(text.slice(0, -1))),
    ),
    dryRun: flag({ kind: "switch", says: "only show what would go" }, z.boolean().default(false)),
    yes: yesFlag(),
  },
  examples: [
    { line: "aimie-console sessions prune --older-than 30d --dry-run", says: "what would go" },
  ],
  async perform(context) {
    const { olderThan: days, dryRun, yes } = context.flags;
    const { pruneSessions } = await import("../change-sessions.ts");
    await pruneSessions(context, { days, dryRun, yes });
    return 0;
  },
});

/** Writes a session to a file. */
export const sessionsExportVerb = defineVerb({
  name: "sessions export",
  group: "sessions",
  summary: "write a session with its runs and files to one file",
  operands: "SESSION [FILE]",
  count: [1, 2],
  flags: {},
  examples: [
    { line: "aimie-console sessions export @latest epidemics.aimie-session", says: "to hand on" },
  ],
  async perform(context) {
    const [wanted = "", file] = context.operands;
    await (await import("../change-sessions.ts")).exportToFile(context, wanted, file);
    return 0;
  },
});

/** Takes a session in from a file. */
export const sessionsImportVerb = defineVerb({
  name: "sessions import",
  group: "sessions",
  summary: "take in a session that was exported",
  operands: "FILE",
  count: [1, 1],
  details: ["The file is checked as a whole first. Taking it in twice changes nothing."],
  flags: {},
  examples: [
    { line: "aimie-console sessions import epidemics.aimie-session", says: "from somebody else" },
  ],
  async perform(context) {
    const [file = ""] = context.operands;
    await (await import("../change-sessions.ts")).importFromFile(context, file);
    return 0;
  },
});
