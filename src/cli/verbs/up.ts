import { z } from "zod";
import { flag } from "../flag.ts";
import { defineVerb } from "../verb.ts";

/** Runs the supervisor without a screen. */
export const upVerb = defineVerb({
  name: "up",
  group: "the system",
  summary: "keep workers of all agents running without a screen",
  operands: "",
  count: [0, 0],
  details: [
    "Starts workers for the agents nobody plays (--agents own: for all of them) and keeps them alive\nuntil SIGINT or SIGTERM; then they finish what they have in hand or hand it over.\nConsoles on the same bus use these workers. Exit code 7 when every worker was given up.",
  ],
  flags: {
    detach: flag(
      { kind: "switch", says: "go on in the background; returns when the workers are ready" },
      z.boolean().default(false),
    ),
  },
  examples: [
    { line: "aimie-console up --detach", says: "workers that stay; aimie-console down ends them" },
    {
      line: "aimie-console up --workers simulation=4 --redis redis://bus:6379",
      says: "four simulations at a time, on a Redis of your own",
    },
  ],
  async perform(context) {
    const { config, flags, output } = context;
    const agents = config.agents.value;
    if (!flags.detach) {
      return await (await import("../hold-crew.ts")).holdCrew(context, { only: undefined, agents });
    }
    const { startDetached } = await import("../detach.ts");
    const up = await startDetached(config, agents === "own" ? "own" : "auto");
    output.out(
      flags.output === "text"
        ? `up: ${up.slots.length} workers are ready (supervisor ${up.pid}); aimie-console down ends them`
        : JSON.stringify(up),
    );
    return 0;
  },
});
