import { expect, test } from "vitest";
import { definitionHashes } from "../../src/console/definition-hashes.ts";

const MODEL = {
  provider: "openai-compatible",
  url: "http://127.0.0.1:11434/v1",
  name: "small",
  apiKey: "secret",
  maximumSteps: 5,
  maximumTokens: 1000,
  timeoutMs: 1000,
  inputPrice: null,
  outputPrice: null,
} as const;
const plain = { version: "1", external: [] };
const withModel = { ...plain, languageModel: MODEL };

test("what the built-in agents work with is known, each by itself", () => {
  expect(Object.keys(definitionHashes(plain))).toEqual(["simulation", "viz", "qna"]);
  expect(definitionHashes(plain)).toEqual(definitionHashes({ ...plain }));
});

test("another version is another definition", () => {
  const [one, other] = [definitionHashes(plain), definitionHashes({ ...plain, version: "2" })];
  for (const agent of ["simulation", "qna", "viz"]) expect(one[agent]).not.toBe(other[agent]);
});

test("a language model and its settings make another qna, and no other simulation", () => {
  const qnaOf = (change: object): string | undefined =>
    definitionHashes({ ...withModel, languageModel: { ...MODEL, ...change } })["qna"];
  const all = [
    definitionHashes(plain)["qna"],
    qnaOf({}),
    qnaOf({ name: "large" }),
    qnaOf({ url: "http://127.0.0.1:1/v1" }),
    qnaOf({ provider: "anthropic" }),
    qnaOf({ maximumSteps: 6 }),
    qnaOf({ maximumTokens: 6 }),
  ];
  expect(new Set(all).size).toBe(all.length);
  expect(definitionHashes(withModel)["simulation"]).toBe(definitionHashes(plain)["simulation"]);
});

test("key, price and patience do not count", () => {
  const change = { apiKey: "other", inputPrice: 3, outputPrice: 4, timeoutMs: 2 };
  const other = { ...plain, languageModel: { ...MODEL, ...change } };
  expect(definitionHashes(other)).toEqual(definitionHashes(withModel));
});

test("nothing is known of foreign programs, nor of a model that may call foreign tools", () => {
  expect(definitionHashes({ ...plain, external: ["qna"] })).not.toHaveProperty("qna");
  const server = { kind: "stdio" as const, name: "a", command: "a", args: [], env: {} };
  const mcpServers = { usable: [server], refused: [] };
  expect(definitionHashes({ ...withModel, mcpServers })).not.toHaveProperty("qna");
  expect(definitionHashes({ ...plain, mcpServers })).toEqual(definitionHashes(plain));
});
