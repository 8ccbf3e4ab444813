import { z } from "zod";
import { flag } from "../flag.ts";
import { RUN_FLAGS } from "../run-flags.ts";
import { SCREEN_FLAGS } from "../screen-settings.ts";
import { defineVerb } from "../verb.ts";

const readonlyFlag = flag(
  { kind: "switch", says: "only look: nothing can be started, rerun, cancelled or deleted" },
  z.boolean().default(false),
);

const accessibleFlag = flag(
  { kind: "switch", says: "plain sentences and typed words instead of a screen" },
  z.boolean().default(false),
);

/** What the program does when no verb is given: the screen, or the built-in flow without one. */
export const consoleVerb = defineVerb({
  name: "",
  group: "runs",
  summary: "open the console (without a terminal: run the built-in flow)",
  operands: "",
  count: [0, 0],
  flags: { ...RUN_FLAGS, ...SCREEN_FLAGS, readonly: readonlyFlag, accessible: accessibleFlag },
  examples: [],
  async perform(context) {
    const frontEnds = await import("../front-ends.ts");
    if (context.flags.accessible) return await frontEnds.runAccessible(context);
    if (!process.stdin.isTTY || !process.stdout.isTTY)
      return await frontEnds.runWithoutScreen(context);
    return await frontEnds.runWithScreen(context);
  },
});
