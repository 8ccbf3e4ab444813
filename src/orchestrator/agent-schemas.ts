/** What each agent takes in and gives back, by name. */
import { z } from "zod";
import {
  mcpInputSchema,
  mcpOutputSchema,
  qnaInputSchema,
  qnaOutputSchema,
  simulationInputSchema,
  simulationOutputSchema,
  vizInputSchema,
  vizOutputSchema,
} from "../protocol/agent-data.ts";
import type { BuiltInAgentName, TaskAgentName } from "../protocol/ids.ts";
import { isBuiltIn } from "../protocol/ids.ts";

/** The schemas of the agents' inputs. */
const INPUT_SCHEMAS: Readonly<Record<BuiltInAgentName, z.ZodObject>> = {
  simulation: simulationInputSchema,
  qna: qnaInputSchema,
  viz: vizInputSchema,
  mcp: mcpInputSchema,
};

const OUTPUT_SCHEMAS: Readonly<Record<BuiltInAgentName, z.ZodObject>> = {
  simulation: simulationOutputSchema,
  qna: qnaOutputSchema,
  viz: vizOutputSchema,
  mcp: mcpOutputSchema,
};

/** What is known here of an agent of the user's own: its worker checks what its manifest says. */
const ANY_OBJECT = z.looseObject({});

/** The schema of what an agent takes in or gives back. */
export function schemaOf(agent: TaskAgentName, part: "input" | "output"): z.ZodObject {
  if (!isBuiltIn(agent)) return ANY_OBJECT;
  return (part === "input" ? INPUT_SCHEMAS : OUTPUT_SCHEMAS)[agent];
}

/** What is wrong with an input of an agent, in one line; undefined when nothing is. */
export function inputProblem(agent: TaskAgentName, input: unknown): string | undefined {
  return problemOf(schemaOf(agent, "input"), input);
}

/** What is wrong with an output; a fan-out's is a list of outputs. Undefined when nothing is. */
export function outputProblem(
  agent: TaskAgentName,
  output: unknown,
  isList: boolean,
): string | undefined {
  const schema = schemaOf(agent, "output");
  return problemOf(isList ? z.array(schema) : schema, output);
}

function problemOf(schema: z.ZodType, value: unknown): string | undefined {
  const parsed = schema.safeParse(value);
  if (parsed.success) return undefined;
  const problems = parsed.error.issues.map(
    ({ path, message }) => `${path.map(String).join(".") || "it"}: ${message}`,
  );
  return problems.slice(0, 1).join("");
}
