import { describe, expect, test } from "vitest";
import { judgeAnswer } from "../../src/cli/doctor/check-language-model.ts";
import { describeLanguageModel, readLanguageModel } from "../../src/cli/language-model-settings.ts";
import type { LanguageModelSettings } from "../../src/protocol/language-model.ts";

const URL_ = "http://127.0.0.1:11434/v1";
const KEY = "sk-0123456789abcdef";

type Found = Parameters<typeof readLanguageModel>[0];

function read(change: Partial<Omit<Found, "places">>, fromDotEnv: readonly string[] = []) {
  return readLanguageModel({
    flag: undefined,
    variables: {},
    file: {},
    ...change,
    places: {
      variable: (name) => (fromDotEnv.includes(name) ? ".env" : `env ${name}`),
      file: "config.yaml",
    },
  });
}

test("there is none unless it is named", () => {
  expect(read({}).value).toBeUndefined();
  expect(read({ variables: { AIMIE_LLM_URL: URL_ } }).value).toBeUndefined();
  expect(read({ file: { llm: { url: URL_, model: "m" } }, flag: "off" })).toEqual({
    value: undefined,
    source: "flag --llm-model",
  });
});

test("it is named by flag over environment over file", () => {
  const file = { llm: { url: URL_, model: "from-file", maxSteps: 3, inputPrice: 2 } };
  expect(read({ file })).toMatchObject({ value: { name: "from-file" }, source: "config.yaml" });
  const variables = { AIMIE_LLM_MODEL: "from-env", AIMIE_LLM_MAX_TOKENS: 100 };
  expect(read({ file, variables })).toMatchObject({
    value: { name: "from-env", maximumSteps: 3, maximumTokens: 100, inputPrice: 2 },
    source: "env AIMIE_LLM_MODEL",
  });
  expect(read({ file, variables, flag: "from-flag" }).value?.name).toBe("from-flag");
});

test("Anthropic's address is known, another one is not guessed", () => {
  const variables = { AIMIE_LLM_MODEL: "m", AIMIE_LLM_PROVIDER: "anthropic" as const };
  expect(read({ variables }).value?.url).toBe("https://api.anthropic.com/v1");
  expect(() => read({ variables: { AIMIE_LLM_MODEL: "m" } })).toThrow(/not where it answers/);
});

test.each([
  "no address",
  "ftp://127.0.0.1",
  `http://user:${KEY}@127.0.0.1/v1`,
  `http://127.0.0.1/v1?key=${KEY}`,
])("the address %s is refused, without its secret", (url) => {
  const asked = () => read({ variables: { AIMIE_LLM_MODEL: "m", AIMIE_LLM_URL: url } });
  expect(asked).toThrow(/AIMIE_LLM_URL/);
  expect(asked).not.toThrow(KEY);
});

describe("a key", () => {
  const variables = { AIMIE_LLM_MODEL: "m", AIMIE_LLM_URL: URL_, AIMIE_LLM_API_KEY: KEY };

  test("is not sent where a folder's .env wants it", () => {
    expect(() => read({ variables }, ["AIMIE_LLM_URL"])).toThrow(/is not sent there/);
    const both = ["AIMIE_LLM_URL", "AIMIE_LLM_API_KEY"];
    expect(read({ variables }, both).value?.apiKey).toBe(KEY);
    expect(read({ variables }, ["AIMIE_LLM_MODEL"]).value?.apiKey).toBe(KEY);
  });

  test("is not shown", () => {
    const { value } = read({ variables });
    expect(value && describeLanguageModel(value)).toBe(
      `m at ${URL_} (openai-compatible, with a key)`,
    );
  });
});

const settings: LanguageModelSettings = {
  provider: "openai-compatible",
  url: URL_,
  name: "m",
  maximumSteps: 8,
  maximumTokens: 4000,
  timeoutMs: 60_000,
  inputPrice: null,
  outputPrice: null,
};

test.each([
  [200, '{"data":[{"id":"m"}]}', "ok", /questions go to m/],
  [200, '{"data":[{"id":"other"}]}', "warn", /does not list m/],
  [200, "no JSON", "ok", /answers/],
  [401, "", "fail", /wants a key/],
  [404, "", "ok", /lists no models/],
  [503, "", "warn", /503/],
])("an endpoint that answers %i %s is judged %s", (status, text, verdict, says) => {
  const finding = judgeAnswer(settings, status, text);
  expect(finding.verdict).toBe(verdict);
  expect(finding.text).toMatch(says);
});
