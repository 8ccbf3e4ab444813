import { z } from "zod";
import { flag } from "../flag.ts";
import { defineVerb } from "../verb.ts";

/** Makes the files of a new agent. */
export const agentInitVerb = defineVerb({
  name: "agent-init",
  group: "flows and models",
  summary: "make an agent of your own: manifest, program, test, flow",
  operands: "NAME",
  count: [1, 1],
  details: [
    "Writes agents/NAME/ and flows/try-NAME.yaml below this folder; what is there already is left\nalone. docs/AGENTS.md says what a manifest can say.",
  ],
  flags: {
    lang: flag(
      { kind: "text", placeholder: "LANG", says: "ts (default) or python" },
      z.enum(["ts", "python"]).default("ts"),
    ),
  },
  examples: [
    { line: "aimie-console agent-init forecast --lang python", says: "below ./agents/forecast" },
  ],
  async perform({ operands: [name = ""], flags, output }) {
    const { initAgent } = await import("../agent-init.ts");
    initAgent(name, { language: flags.lang, form: flags.output }, output);
    return 0;
  },
});
