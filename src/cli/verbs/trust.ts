import { z } from "zod";
import { OperatorError } from "../../base/operator-error.ts";
import { flag } from "../flag.ts";
import { defineVerb } from "../verb.ts";

/** Lets a command model, or a tool server of the operator's own, run. */
export const trustVerb = defineVerb({
  name: "trust",
  group: "flows and models",
  summary: "let a model, an agent or a tool server run, until it changes",
  operands: "[FILE]",
  count: [0, 1],
  details: [
    "FILE is the .yaml file of a command model or the agent.yaml of an agent of your own, or the name\nof one of them.\nThe whole command is shown. Trust holds for the content of the file and of the files of its own\nfolder that the command names; when one of them changes, it has to be given again.",
    "--mcp NAME trusts a server of mcp.json instead, as it is defined now; aimie-console mcp lists them.",
  ],
  flags: {
    mcp: flag(
      { kind: "text", placeholder: "NAME", says: "trust this tool server of mcp.json" },
      z.string().min(1).max(100).optional(),
    ),
  },
  examples: [
    { line: "aimie-console trust reed-frost", says: "the shipped example, a Python program" },
    { line: "aimie-console trust --mcp files", says: "the server files of mcp.json" },
  ],
  async perform({ operands: [file], flags, config, output }) {
    if ((file === undefined) === (flags.mcp === undefined)) {
      const message = "trust takes either a FILE or --mcp NAME";
      throw new OperatorError({ code: "usage", message, nextStep: "aimie-console trust --help" });
    }
    if (file === undefined) {
      const { trustServer } = await import("../list-mcp.ts");
      trustServer(flags.mcp ?? "", flags.output, config, output);
      return 0;
    }
    const { manifestOf, trustAgent } = await import("../trust-agent.ts");
    const manifest = manifestOf(file, config);
    if (manifest !== undefined) trustAgent(manifest, flags.output, config, output);
    else (await import("../command-model-file.ts")).trustFile(file, flags.output, config, output);
    return 0;
  },
});
