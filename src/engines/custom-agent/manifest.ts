/** The manifest of an agent of the user's own: which program plays it, what it takes and gives. */
import { readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { z } from "zod";
import { errorMessage } from "../../base/error-message.ts";
import type { Result } from "../../base/result.ts";
import { err, ok } from "../../base/result.ts";
import type { Failure } from "../../protocol/failure.ts";
import type { CustomAgentName } from "../../protocol/ids.ts";
import { customAgentNameSchema } from "../../protocol/ids.ts";
import { fingerprintOf } from "../command-model/trust.ts";
import { readYamlMap } from "../read-yaml-map.ts";

/** The name of the file in an agent's folder. */
export const MANIFEST = "agent.yaml";

const objectSchema = z.looseObject({
  type: z.literal("object", "the schema is one of an object: type: object"),
  properties: z.record(z.string(), z.json()).optional(),
  required: z.array(z.string()).optional(),
});

const manifestSchema = z.strictObject({
  /** The version of this form, and the sign that the file is a manifest at all. */
  "custom-agent": z.literal(1),
  description: z.string().min(1).max(2000),
  /** The program and its words; never read by a shell. */
  command: z.array(z.string().max(4000)).min(1).max(100),
  /** Tasks a worker gives the program at the same time. */
  concurrency: z.int().min(1).max(100).default(1),
  /** JSON Schemas of what a step gives the agent and what the agent gives back. */
  input: objectSchema,
  output: objectSchema,
});

/** What a manifest says. */
export type Manifest = z.infer<typeof manifestSchema>;

/** A manifest with where it lies and what it is. */
export interface OpenedAgent {
  readonly name: CustomAgentName;
  readonly file: string;
  readonly folder: string;
  readonly manifest: Manifest;
  readonly inputSchema: z.ZodType<Readonly<Record<string, unknown>>>;
  readonly outputSchema: z.ZodType<object>;
  readonly fingerprint: string;
}

/** Reads a manifest; a failure names the line and what is wrong there. */
export function openCustomAgent(file: string): Result<OpenedAgent, Failure> {
  const folder = dirname(file);
  const name = customAgentNameSchema.safeParse(basename(folder));
  if (!name.success) {
    const why = name.error.issues[0]?.message ?? "";
    return refuse(`The folder's name "${basename(folder)}" cannot be an agent's: ${why}.`);
  }
  try {
    const text = readFileSync(file, "utf8");
    const read = readYamlMap(text, manifestSchema);
    if (!read.ok) return refuse(read.error);
    const manifest = read.value.value;
    const input = toSchema(manifest.input, "input");
    const output = toSchema(manifest.output, "output");
    if (!input.ok) return input;
    if (!output.ok) return output;
    const fingerprint = fingerprintOf(text, folder, manifest.command);
    const [inputSchema, outputSchema] = [input.value, output.value];
    return ok({
      ...{ name: name.data, file, folder, fingerprint },
      ...{ manifest, inputSchema, outputSchema },
    });
  } catch (thrown) {
    return refuse(`A file of the agent cannot be read: ${errorMessage(thrown)}.`);
  }
}

const recordSchema = z.record(z.string(), z.unknown());

function toSchema(
  schema: z.infer<typeof objectSchema>,
  part: string,
): Result<z.ZodType<Record<string, unknown>>, Failure> {
  try {
    // The library's own type of a JSON Schema is narrower than what it reads and checks.
    const read = z.fromJSONSchema(JSON.parse(JSON.stringify(schema)));
    return ok(
      recordSchema.check((context) => {
        const checked = read.safeParse(context.value);
        if (!checked.success)
          for (const { path, message } of checked.error.issues) {
            context.issues.push({ code: "custom", input: context.value, path: [...path], message });
          }
      }),
    );
  } catch (thrown) {
    return refuse(`${part}: this JSON Schema cannot be used: ${errorMessage(thrown)}.`);
  }
}

function refuse(message: string): Result<never, Failure> {
  return err({
    kind: "invalid-input",
    message: message.slice(0, 1000),
    nextStep: "Correct the file; docs/AGENTS.md lists what a manifest can say.",
  });
}
