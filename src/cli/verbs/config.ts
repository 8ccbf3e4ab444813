import { describeConfig } from "../config.ts";
import { defineVerb } from "../verb.ts";

/** Prints every setting with its source. */
export const configVerb = defineVerb({
  name: "config",
  group: "the system",
  summary: "every setting, its value, and where it came from",
  operands: "",
  count: [0, 0],
  flags: {},
  examples: [
    { line: "aimie-console config --redis redis://example:6379", says: "what would hold" },
  ],
  async perform({ flags, config, output }) {
    const settings = describeConfig(config);
    if (flags.output !== "text") {
      output.out(JSON.stringify(settings));
      return 0;
    }
    const width = Math.max(...settings.map(({ name }) => name.length));
    const valueWidth = Math.max(...settings.map(({ value }) => value.length));
    for (const { name, value, source } of settings) {
      output.out(`${name.padEnd(width)}  ${value.padEnd(valueWidth)}  (${source})`);
    }
    return 0;
  },
});
