import { readFileSync } from "node:fs";
import { join } from "node:path";
import specs from "@asyncapi/specs";
import { Ajv } from "ajv";
import formats from "ajv-formats";
import { describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { asyncApi } from "../../src/protocol/async-api.ts";
import { customAgentNameSchema } from "../../src/protocol/ids.ts";
import { TOPIC_NAMES } from "../../src/protocol/names.ts";
import { exampleMessages } from "../support/protocol-page.ts";

const root = join(import.meta.dirname, "../..");
const stored = readFileSync(join(root, "docs/asyncapi.yaml"), "utf8");
const form = z.looseObject({
  channels: z.record(z.string(), z.looseObject({ address: z.string() })),
  components: z.looseObject({ schemas: z.record(z.string(), z.record(z.string(), z.json())) }),
});
const document = form.parse(parse(stored));

/** Compiles what an AsyncAPI 3.0 document has to be; it brings its dialect of JSON Schema along. */
function documentReader() {
  const itself = { strict: false, logger: false, meta: false, validateSchema: false } as const;
  const reader = formats.default(new Ajv(itself));
  return reader.compile(Object.fromEntries(Object.entries(specs.schemas["3.0.0"])));
}

const ajv = formats.default(new Ajv({ strict: false, logger: false }));

/** Every `$ref` of a value. */
function refsOf(value: unknown): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) =>
    key === "$ref" ? [String(member)] : refsOf(member),
  );
}

/** What a pointer into the document leads to. */
function follow(ref: string, start: unknown = document): unknown {
  let found = start;
  for (const key of ref.replace("#/", "").split("/")) {
    found = z.record(z.string(), z.unknown()).catch({}).parse(found)[key];
  }
  return found;
}

test("the document is made from the schemas the bus is read by", () => {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  // When it differs: node scripts/async-api.mjs
  expect(stored).toBe(stringify(asyncApi(version)));
});

test("it is a document of AsyncAPI 3.0", () => {
  const validate = documentReader();
  validate(document);
  expect(validate.errors).toBeNull();
  expect(validate({ ...document, channels: [] })).toBe(false);
});

test("it has every topic, and all that it refers to", () => {
  const addresses = Object.values(document.channels).map(({ address }) => address);
  expect(addresses).toEqual(TOPIC_NAMES);
  const refs = refsOf(document);
  expect(refs.length).toBeGreaterThan(TOPIC_NAMES.length);
  for (const ref of refs) expect(follow(ref), ref).toBeDefined();
});

describe("its payloads", () => {
  const payloadOf = (topic: string) => {
    const [name = ""] =
      Object.entries(document.channels).find(([, { address }]) => address === topic) ?? [];
    return ajv.compile(document.components.schemas[name] ?? false);
  };

  test.each(exampleMessages)("accept the example of %s", (topic, text) => {
    const validate = payloadOf(topic);
    validate(JSON.parse(text));
    expect(validate.errors).toBeNull();
  });

  test.each(exampleMessages)("refuse the example of %s without its data", (topic, text) => {
    expect(payloadOf(topic)({ ...JSON.parse(text), data: {} })).toBe(false);
  });
});

describe("with an agent of the user's own", () => {
  const text = { type: "string", minLength: 1 };
  const own = asyncApi("1.0.0", [
    {
      name: customAgentNameSchema.parse("word-count"),
      input: {
        $schema: "http://json-schema.org/draft-07/schema#",
        type: "object",
        required: ["text"],
        properties: { text: { $ref: "#/definitions/text" } },
        definitions: { text },
      },
      output: { type: "object", required: ["words"], properties: { words: { type: "integer" } } },
    },
  ]);
  const example = (topic: string): Record<string, unknown> => {
    const [, found = "{}"] = exampleMessages.find(([name]) => name === topic) ?? [];
    return JSON.parse(found);
  };
  const reader = formats.default(new Ajv({ strict: false, logger: false }));
  reader.addSchema({ $id: "document", ...Object(own) });
  const validate = (name: string, message: unknown): boolean | Promise<unknown> =>
    reader.validate({ $ref: `document#/components/schemas/${name}` }, message);

  test("it is a document of AsyncAPI 3.0, and has all that it refers to", () => {
    const read = documentReader();
    read(own);
    expect(read.errors).toBeNull();
    for (const ref of refsOf(own)) expect(follow(ref, own), ref).toBeDefined();
    expect(refsOf(own)).toContain("#/components/schemas/agent.word-count.input/definitions/text");
    const parsed = form.parse(own);
    const addresses = Object.values(parsed.channels).map(({ address }) => address);
    expect(addresses).toEqual(
      expect.arrayContaining([...TOPIC_NAMES, "task.word-count", "control.word-count"]),
    );
  });

  test("a task's input is the one of its manifest", () => {
    const task = example("task.qna");
    const data = { ...Object(task["data"]), agent: "word-count" };
    const of = (input: object) => ({ ...task, data: { ...data, input } });
    expect(validate("taskWord-count", of({ text: "three small words" }))).toBe(true);
    expect(validate("taskWord-count", of({ text: "" }))).toBe(false);
    expect(validate("taskWord-count", of({}))).toBe(false);
  });

  test("a result's output is the one of its manifest", () => {
    const result = example("result.qna");
    const of = (output: object) => ({ ...result, data: { ...Object(result["data"]), output } });
    expect(validate("resultWord-count", of({ words: 3 }))).toBe(true);
    expect(validate("resultWord-count", of({ words: "three" }))).toBe(false);
  });
});
