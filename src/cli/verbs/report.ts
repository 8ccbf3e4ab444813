import { z } from "zod";
import { flag } from "../flag.ts";
import { defineVerb } from "../verb.ts";

/** Writes what came of a run as one HTML file. */
export const reportVerb = defineVerb({
  name: "report",
  group: "runs",
  summary: "charts, answers and how a run was made, as one HTML file",
  operands: "RUN",
  count: [1, 1],
  details: [
    "The file needs nothing else to be read: no script, no picture, no address. It is printed, or\nwritten to --save FILE. Exit code 1 when the file of a chart is missing or damaged.",
  ],
  flags: {
    save: flag(
      { kind: "text", placeholder: "FILE", says: "write it there instead of printing it" },
      z.string().min(1).optional(),
    ),
  },
  examples: [
    { line: "aimie-console report @latest --save run.html", says: "opens in any browser" },
  ],
  async perform({ operands: [wanted = ""], flags, config, output }) {
    const { reportRun } = await import("../report-run.ts");
    return await reportRun(config, wanted, { form: flags.output, save: flags.save }, output);
  },
});
