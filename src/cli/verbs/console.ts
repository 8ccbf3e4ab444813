import { RUN_FLAGS } from "../run-flags.ts";
import { defineVerb } from "../verb.ts";

/** What the program does when no verb is given: the screen, or the built-in flow without one. */
export const consoleVerb = defineVerb({
  name: "",
  group: "runs",
  summary: "open the console (without a terminal: run the built-in flow)",
  operands: "",
  count: [0, 0],
  flags: RUN_FLAGS,
  examples: [],
  async perform(context) {
    const frontEnds = await import("../front-ends.ts");
    if (!process.stdin.isTTY || !process.stdout.isTTY)
      return await frontEnds.runWithoutScreen(context);
    return await frontEnds.runWithScreen(context);
  },
});
