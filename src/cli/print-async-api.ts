/** `topics --async-api`: the document of all topics, with those of the user's own agents. */
import { stringify } from "yaml";
import { z } from "zod";
import { asyncApi } from "../protocol/async-api.ts";
import { jsonSchema } from "../protocol/json.ts";
import { escapeText } from "../ui/escape-text.ts";
import type { Config } from "./config.ts";
import { customAgents } from "./custom-agents.ts";
import type { OutputForm } from "./flag.ts";
import type { Output } from "./output.ts";
import { VERSION } from "./version.ts";

const schemaSchema = z.record(z.string(), jsonSchema);

/** Prints it; an agent whose manifest cannot be used is told of and left out. */
export function printAsyncApi(
  config: Pick<Config, "configFolder" | "stateFolder">,
  form: OutputForm,
  output: Output,
): void {
  const agents = customAgents(config).flatMap(({ opened, problem }) => {
    if (problem !== undefined) output.err(escapeText(`${problem.message} — ${problem.remedy}`));
    if (opened === undefined) return [];
    const { name, manifest } = opened;
    const [input, given] = [manifest.input, manifest.output].map((one) => schemaSchema.parse(one));
    return [{ name, input: input ?? {}, output: given ?? {} }];
  });
  const document = asyncApi(VERSION, agents);
  output.out(form === "text" ? stringify(document).trimEnd() : JSON.stringify(document));
}
