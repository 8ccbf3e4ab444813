import { readFileSync } from "node:fs";
import { join } from "node:path";
import specs from "@asyncapi/specs";
import { Ajv } from "ajv";
import formats from "ajv-formats";
import { describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { asyncApi } from "../../src/protocol/async-api.ts";
import { TOPIC_NAMES } from "../../src/protocol/names.ts";
import { exampleMessages } from "../support/protocol-page.ts";

const root = join(import.meta.dirname, "../..");
const stored = readFileSync(join(root, "docs/asyncapi.yaml"), "utf8");
const form = z.looseObject({
  channels: z.record(z.string(), z.looseObject({ address: z.string() })),
  components: z.looseObject({ schemas: z.record(z.string(), z.record(z.string(), z.json())) }),
});
const document = form.parse(parse(stored));

const ajv = formats.default(new Ajv({ strict: false, logger: false }));

/** Every `$ref` of a value. */
function refsOf(value: unknown): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) =>
    key === "$ref" ? [String(member)] : refsOf(member),
  );
}

/** What a pointer into the document leads to. */
function follow(ref: string): unknown {
  let found: unknown = document;
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
  // It brings the dialect of JSON Schema it is written in along.
  const itself = { strict: false, logger: false, meta: false, validateSchema: false } as const;
  const reader = formats.default(new Ajv(itself));
  const validate = reader.compile(Object.fromEntries(Object.entries(specs.schemas["3.0.0"])));
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
