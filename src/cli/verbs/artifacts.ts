import { z } from "zod";
import { flag } from "../flag.ts";
import { defineVerb } from "../verb.ts";

/** Lists or saves the files of a run. */
export const artifactsVerb = defineVerb({
  name: "artifacts",
  group: "runs",
  summary: "the files a run made: tables, charts",
  operands: "RUN",
  count: [1, 1],
  details: ["With --save the exit code is 1 when a file is missing or damaged."],
  flags: {
    save: flag(
      { kind: "text", placeholder: "DIR", says: "put copies there, named by step and file" },
      z.string().min(1).optional(),
    ),
  },
  examples: [{ line: "aimie-console artifacts @latest --save out", says: "copies below ./out" }],
  async perform({ operands: [wanted = ""], flags, config, output }) {
    const { showArtifacts } = await import("../run-files.ts");
    const wish = { form: flags.output, save: flags.save };
    return await showArtifacts(config, wanted, wish, output);
  },
});
