import { z } from "zod";
import { flag } from "../flag.ts";
import { defineVerb } from "../verb.ts";

/** A schema of its own for each flag. */
const letterId = () =>
  z
    .string()
    .regex(/^\d{1,20}-\d{1,20}$/, "the id of a dead letter looks like 1795393059353-0")
    .optional();

/** Lists the messages that could not be used, and gives them another chance. */
export const deadLettersVerb = defineVerb({
  name: "dead-letters",
  group: "the system",
  summary: "list the messages that were set aside; replay or drop one",
  operands: "",
  count: [0, 0],
  flags: {
    replay: flag(
      { kind: "text", placeholder: "ID", says: "give it another chance: see above" },
      letterId(),
    ),
    drop: flag({ kind: "text", placeholder: "ID", says: "delete it" }, letterId()),
  },
  details: [
    "A task that ended worker after worker is replayed as a rerun of its step.",
    "Any other message is put back into the stream it came through.",
  ],
  examples: [
    {
      line: "aimie-console dead-letters --output json | jq -r '.[0].reason'",
      says: "why the newest message was set aside",
    },
  ],
  async perform({ flags, config, output }) {
    const { showDeadLetters } = await import("../dead-letters.ts");
    await showDeadLetters(config, flags, output);
    return 0;
  },
});
