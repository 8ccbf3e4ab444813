import { defineVerb } from "../verb.ts";

/** Ends the supervisors without a screen. */
export const downVerb = defineVerb({
  name: "down",
  group: "the system",
  summary: "end what up or agent keeps running on this machine",
  operands: "",
  count: [0, 0],
  details: [
    "Ends every supervisor without a screen of this user's state folder and --namespace. Their\nworkers finish what they have in hand or hand it over. Exit code 0 also when none runs.",
  ],
  flags: {},
  examples: [{ line: "aimie-console down", says: "end what aimie-console up --detach started" }],
  async perform({ flags, config, output }) {
    const ended = await (await import("../detach.ts")).endDetached(config);
    if (flags.output !== "text") output.out(JSON.stringify({ ended }));
    else if (ended.length === 0) output.out("nothing was running without a screen");
    else output.out(`ended: ${ended.map((pid) => `supervisor ${pid}`).join(", ")}`);
    return 0;
  },
});
