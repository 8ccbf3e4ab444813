import { z } from "zod";
import { flag } from "../flag.ts";
import { RUN_FLAGS } from "../run-flags.ts";
import { defineVerb } from "../verb.ts";

/** Says yes or no to a step that waits for a person. */
export const approveVerb = defineVerb({
  name: "approve",
  group: "runs",
  summary: "agree to a step that waits, reject it, or push work back",
  operands: "RUN STEP",
  count: [2, 2],
  details: ["The run is then followed to its end, or to the next step that waits (exit code 5)."],
  flags: {
    reject: flag(
      { kind: "text", placeholder: "REASON", says: "say no; the step fails for this reason" },
      z.string().min(1).max(2000).optional(),
    ),
    pushBack: flag(
      { kind: "text", placeholder: "STEP", says: "have an earlier step done again" },
      z.string().min(1).max(50).optional(),
    ),
    feedback: flag(
      { kind: "text", placeholder: "TEXT", says: "what that step is told; with --push-back" },
      z.string().min(1).max(2000).optional(),
    ),
    stay: RUN_FLAGS.stay,
  },
  examples: [
    { line: "aimie-console approve @latest viz", says: "let the step viz be done" },
    {
      line: 'aimie-console approve @latest viz --push-back qna --feedback "in thousands"',
      says: "have qna done again with a word to it",
    },
  ],
  async perform(context) {
    const { orderAndFollow } = await import("../change-run.ts");
    const { stepOf } = await import("../rerun-wish.ts");
    const { verdictOf } = await import("../verdict.ts");
    const { operands, flags } = context;
    return await orderAndFollow(context, ({ runId, state }) => ({
      type: "give-verdict",
      runId,
      stepKey: stepOf(state, operands[1] ?? ""),
      verdict: verdictOf(state, flags),
    }));
  },
});
