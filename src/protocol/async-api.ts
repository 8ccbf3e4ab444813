/** The AsyncAPI document of every topic: what `docs/asyncapi.yaml` holds. */
import { z } from "zod";
import type { JsonValue } from "../base/json-value.ts";
import {
  mcpInputSchema,
  mcpOutputSchema,
  qnaInputSchema,
  qnaOutputSchema,
  simulationInputSchema,
  simulationOutputSchema,
  vizInputSchema,
  vizOutputSchema,
} from "./agent-data.ts";
import { envelopeSchema } from "./envelope.ts";
import type { BuiltInAgentName, CustomAgentName } from "./ids.ts";
import { jsonSchema } from "./json.ts";
import type { TopicName } from "./names.ts";
import { topicNames } from "./names.ts";
import { resultDataSchema, taskDataSchema } from "./tasks.ts";
import { schemaOfTopic } from "./topics.ts";

/** Any JSON without the references to itself that the schema for tools is made of. */
const anySpec = z.record(z.string(), jsonSchema).optional();

/** An agent of the user's own, with the JSON Schemas of its manifest. */
export interface DescribedAgent {
  readonly name: CustomAgentName;
  readonly input: JsonObject;
  readonly output: JsonObject;
}

type JsonObject = { readonly [key: string]: JsonValue };

/** What each agent takes in and gives back. */
const AGENTS: Readonly<Record<BuiltInAgentName, { input: z.ZodType; output: z.ZodType }>> = {
  simulation: { input: simulationInputSchema, output: simulationOutputSchema },
  qna: { input: qnaInputSchema, output: qnaOutputSchema },
  mcp: {
    input: mcpInputSchema.extend({ arguments: anySpec }),
    output: mcpOutputSchema.extend({ structured: anySpec }),
  },
  viz: { input: vizInputSchema.extend({ spec: anySpec }), output: vizOutputSchema },
};

/** What a family of topics is for; `type` is the one its messages bear. */
interface Family {
  readonly type: string;
  readonly summary: string;
  /** Whether an agent sends on it (to the console or the orchestrator) or receives. */
  readonly agents: "send" | "receive" | "none";
}

const FAMILIES: Readonly<Record<string, Family>> = {
  task: {
    type: "aimie.task.v1",
    summary: "The order to carry out one attempt of a step.",
    agents: "receive",
  },
  result: {
    type: "aimie.result.v1",
    summary: "What an attempt returned, or why it did not.",
    agents: "send",
  },
  progress: {
    type: "aimie.progress.v1",
    summary: "How far an attempt is, or a line of its log; may be lost.",
    agents: "send",
  },
  control: {
    type: "aimie.control.v1",
    summary: "Cancel a task; best effort.",
    agents: "receive",
  },
  event: {
    type: "aimie.run-event.v1",
    summary: "An event of a run and its place in the run's log.",
    agents: "none",
  },
  "agent.registry": {
    type: "aimie.registry.v1",
    summary: "A worker has come, or says farewell.",
    agents: "send",
  },
  "agent.heartbeat": {
    type: "aimie.heartbeat.v1",
    summary: "A worker lives.",
    agents: "send",
  },
};

/** The document, also for agents of the user's own; `version` is that of aimie-console. */
export function asyncApi(version: string, own: readonly DescribedAgent[] = []): JsonValue {
  const all = topicNames(own.map(({ name }) => name));
  const topics = all.map((topic) => ({ topic, name: nameOf(topic), ...familyOf(topic) }));
  const channels = topics.map(({ topic, name, summary }) => [
    name,
    { address: topic, summary, messages: { [name]: { $ref: `#/components/messages/${name}` } } },
  ]);
  const operations = topics.flatMap(({ topic, name, agents }) =>
    agents === "none" ? [] : [[`${agents}-${topic.replace(".", "-")}`, operation(name, agents)]],
  );
  const messages = topics.map(({ topic, name, type, summary }) => [
    name,
    {
      name: type,
      title: topic,
      summary,
      contentType: "application/json",
      payload: { $ref: `#/components/schemas/${name}` },
    },
  ]);
  return {
    asyncapi: "3.0.0",
    info: {
      title: "aimie-console",
      version,
      description: DESCRIPTION,
      license: { name: "MIT" },
    },
    defaultContentType: "application/json",
    servers: { redis: SERVER },
    channels: Object.fromEntries(channels),
    operations: Object.fromEntries(operations),
    components: {
      messages: Object.fromEntries(messages),
      schemas: { ...payloads(all, own), ...ownSchemas(own) },
    },
  };
}

const DESCRIPTION = `The topics of aimie-console are Redis Pub/Sub channels. In the namespace \`default\` a channel
is named as here; in any other it is prefixed: \`team-a:task.qna\`. Every message is a CloudEvents 1.0
event in JSON. The operations are those of an agent: it receives tasks and sends results.
docs/PROTOCOL.md says what is promised about delivery.`;

const SERVER = {
  host: "localhost:6379",
  protocol: "redis",
  description:
    "The Redis of --redis, or the private broker whose address aimie-console broker prints.",
};

function operation(name: string, action: "send" | "receive"): JsonValue {
  return {
    action,
    channel: { $ref: `#/channels/${name}` },
    messages: [{ $ref: `#/channels/${name}/messages/${name}` }],
  };
}

/** `taskQna` for `task.qna`. */
function nameOf(topic: TopicName): string {
  return topic.replace(/\.(.)/, (_, letter: string) => letter.toUpperCase());
}

function familyOf(topic: TopicName): Family {
  const family = FAMILIES[topic] ?? FAMILIES[topic.split(".")[0] ?? ""];
  if (family === undefined) throw new Error(`${topic} belongs to no family`);
  return family;
}

/** The envelope of each topic with its data in place, as JSON Schema of draft 7. */
function payloads(topics: readonly TopicName[], own: readonly DescribedAgent[]): JsonObject {
  return Object.fromEntries(
    topics.map((topic) => [nameOf(topic), withoutDialect(jsonSchemaOf(topic, own))]),
  );
}

/** The schemas of manifests; where they refer to a part of themselves, it is found in the document. */
function ownSchemas(own: readonly DescribedAgent[]): JsonObject {
  const named = own.flatMap(({ name, input, output }) => [
    [partName(name, "input"), input] as const,
    [partName(name, "output"), output] as const,
  ]);
  return Object.fromEntries(
    named.map(([name, schema]) => [name, withoutDialect(moved(schema, `${SCHEMAS}${name}`))]),
  );
}

const SCHEMAS = "#/components/schemas/";

function partName(agent: CustomAgentName, part: "input" | "output"): string {
  return `agent.${agent}.${part}`;
}

/** A schema whose own references begin at another place. */
function moved(schema: JsonValue, place: string): JsonValue {
  if (Array.isArray(schema)) return schema.map((one) => moved(one, place));
  if (typeof schema !== "object" || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) =>
      key === "$ref" && typeof value === "string" && value.startsWith("#")
        ? [key, `${place}${value.slice(1)}`]
        : [key, moved(value, place)],
    ),
  );
}

function jsonSchemaOf(topic: TopicName, own: readonly DescribedAgent[]): JsonValue {
  const type = envelopeSchema.shape.type.describe(`${familyOf(topic).type}; it is not checked`);
  const envelope = envelopeSchema.extend({ type, data: dataOf(topic, own) });
  const schema = z.toJSONSchema(envelope, {
    target: "draft-7",
    io: "input",
    unrepresentable: "any",
  });
  return JSON.parse(JSON.stringify(schema));
}

/** The topic's data, with the schema of the agent where the bus itself takes any JSON. */
function dataOf(topic: TopicName, own: readonly DescribedAgent[]): z.ZodType {
  const described = own.map(({ name }) => [name, partsOf(name)] as const);
  const agents = [...Object.entries(AGENTS), ...described];
  const agent = agents.find(([name]) => topic.endsWith(`.${name}`));
  if (topic.startsWith("task.") && agent !== undefined) {
    const [name, { input }] = agent;
    return taskDataSchema.extend({ agent: z.literal(name), input });
  }
  if (topic.startsWith("result.") && agent !== undefined) {
    const [succeeded, failed] = resultDataSchema.options;
    return z.discriminatedUnion("status", [succeeded.extend({ output: agent[1].output }), failed]);
  }
  return schemaOfTopic(topic) ?? jsonSchema;
}

/** The parts of a manifest, which are in the document once. */
function partsOf(name: CustomAgentName): { readonly input: z.ZodType; readonly output: z.ZodType } {
  const part = (which: "input" | "output"): z.ZodType =>
    z.unknown().meta({ $ref: `${SCHEMAS}${partName(name, which)}` });
  return { input: part("input"), output: part("output") };
}

/** The document names no dialect of its own for a part of it. */
function withoutDialect(schema: JsonValue): JsonValue {
  if (typeof schema !== "object" || schema === null || Array.isArray(schema)) return schema;
  return Object.fromEntries(Object.entries(schema).filter(([key]) => key !== "$schema"));
}
