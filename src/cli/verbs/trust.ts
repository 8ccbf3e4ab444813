import { defineVerb } from "../verb.ts";

/** Lets a command model run. */
export const trustVerb = defineVerb({
  name: "trust",
  group: "flows and models",
  summary: "let a model or an agent run its program, until it changes",
  operands: "FILE",
  count: [1, 1],
  details: [
    "FILE is the .yaml file of a command model or the agent.yaml of an agent of your own, or the name\nof one of them.\nThe whole command is shown. Trust holds for the content of the file and of the files of its own\nfolder that the command names; when one of them changes, it has to be given again.",
  ],
  flags: {},
  examples: [
    { line: "aimie-console trust reed-frost", says: "the shipped example, a Python program" },
  ],
  async perform({ operands: [file = ""], flags, config, output }) {
    const { manifestOf, trustAgent } = await import("../trust-agent.ts");
    const manifest = manifestOf(file, config);
    if (manifest !== undefined) trustAgent(manifest, flags.output, config, output);
    else (await import("../command-model-file.ts")).trustFile(file, flags.output, config, output);
    return 0;
  },
});
