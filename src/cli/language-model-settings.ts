/**
 * The settings of the language model that answers questions: flags over environment over file.
 *
 * K1 The key comes from the environment only, and is never written by us.
 * K2 A folder's `.env` cannot send a key that is not its own to an address of its choice.
 */
import { z } from "zod";
import { OperatorError } from "../base/operator-error.ts";
import type { LanguageModelSettings } from "../protocol/language-model.ts";
import { LANGUAGE_MODEL_PROVIDERS, languageModelSchema } from "../protocol/language-model.ts";
import { describeIssues } from "../protocol/parse-message.ts";
import type { Candidates, Places, Setting } from "./setting.ts";
import { pickSetting } from "./setting.ts";

/** What is given as a model's name to have none. */
const OFF = "off";

/** Where Anthropic answers. */
const ANTHROPIC_URL = "https://api.anthropic.com/v1";

const MAXIMUM_STEPS = 8;
const MAXIMUM_TOKENS = 4000;
const TIMEOUT_MS = 60_000;

const count = z.coerce.number().int().positive();
const price = z.coerce.number().nonnegative();

/** The variables of the environment. */
export const LANGUAGE_MODEL_VARIABLES = {
  AIMIE_LLM_PROVIDER: z.enum(LANGUAGE_MODEL_PROVIDERS).optional(),
  AIMIE_LLM_URL: z.string().optional(),
  AIMIE_LLM_MODEL: z.string().optional(),
  AIMIE_LLM_API_KEY: z.string().optional(),
  AIMIE_LLM_MAX_STEPS: count.max(50).optional(),
  AIMIE_LLM_MAX_TOKENS: count.optional(),
  AIMIE_LLM_TIMEOUT_MS: count.optional(),
  AIMIE_LLM_INPUT_PRICE: price.optional(),
  AIMIE_LLM_OUTPUT_PRICE: price.optional(),
};

/** The member `llm` of the configuration file; a key has no place in it (K1). */
export const LANGUAGE_MODEL_FILE_SHAPE = {
  llm: z
    .strictObject({
      provider: z.enum(LANGUAGE_MODEL_PROVIDERS).optional(),
      url: z.string().optional(),
      model: z.string().optional(),
      maxSteps: z.int().positive().max(50).optional(),
      maxTokens: z.int().positive().optional(),
      timeoutMs: z.int().positive().optional(),
      inputPrice: z.number().nonnegative().optional(),
      outputPrice: z.number().nonnegative().optional(),
    })
    .optional(),
};

const variablesSchema = z.object(LANGUAGE_MODEL_VARIABLES);
const fileSchema = z.object(LANGUAGE_MODEL_FILE_SHAPE);

/** What was found in the places. */
interface Found {
  readonly flag: string | undefined;
  readonly variables: z.infer<typeof variablesSchema>;
  readonly file: z.infer<typeof fileSchema>;
  readonly places: Places;
}

/**
 * The language model; undefined where none is configured.
 * @throws OperatorError `usage` for settings that do not make one.
 */
export function readLanguageModel(found: Found): Setting<LanguageModelSettings | undefined> {
  const { flag, variables: env, places } = found;
  const file = found.file.llm ?? {};
  const pick = <Value>(
    variable: string,
    given: Candidates<Value>,
    fallback: Value,
  ): Setting<Value> => pickSetting(given, fallback, { flag: "llm-model", variable, places });
  const name = pick<string | undefined>(
    "AIMIE_LLM_MODEL",
    { flag, env: env.AIMIE_LLM_MODEL, file: file.model },
    undefined,
  );
  if (name.value === undefined || name.value === OFF) return { ...name, value: undefined };
  const provider = env.AIMIE_LLM_PROVIDER ?? file.provider ?? "openai-compatible";
  const fallbackUrl = provider === "anthropic" ? ANTHROPIC_URL : undefined;
  const url = pick("AIMIE_LLM_URL", { env: env.AIMIE_LLM_URL, file: file.url }, fallbackUrl);
  checkUrl(url);
  checkKeyPlace(url, env.AIMIE_LLM_API_KEY, places);
  const parsed = languageModelSchema.safeParse({
    provider,
    url: url.value?.replace(/\/+$/, ""),
    name: name.value,
    apiKey: env.AIMIE_LLM_API_KEY,
    maximumSteps: env.AIMIE_LLM_MAX_STEPS ?? file.maxSteps ?? MAXIMUM_STEPS,
    maximumTokens: env.AIMIE_LLM_MAX_TOKENS ?? file.maxTokens ?? MAXIMUM_TOKENS,
    timeoutMs: env.AIMIE_LLM_TIMEOUT_MS ?? file.timeoutMs ?? TIMEOUT_MS,
    inputPrice: env.AIMIE_LLM_INPUT_PRICE ?? file.inputPrice ?? null,
    outputPrice: env.AIMIE_LLM_OUTPUT_PRICE ?? file.outputPrice ?? null,
  });
  if (parsed.success) return { value: parsed.data, source: name.source };
  throw usage(`the language model: ${describeIssues(parsed.error)}`, "see docs/LANGUAGE-MODEL.md");
}

/** A language model as `config` shows it: without its key. */
export function describeLanguageModel({
  provider,
  name,
  url,
  apiKey,
}: LanguageModelSettings): string {
  return `${name} at ${url} (${provider}, ${apiKey === undefined ? "no key" : "with a key"})`;
}

function checkUrl({ value, source }: Setting<string | undefined>): void {
  if (value === undefined) {
    throw usage(
      "a language model is named, but not where it answers",
      "set AIMIE_LLM_URL, such as http://127.0.0.1:11434/v1, or AIMIE_LLM_PROVIDER=anthropic",
    );
  }
  const url = URL.parse(value);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw usage(`AIMIE_LLM_URL (${source}) is no http or https address`, "correct it");
  }
  if (url.username !== "" || url.password !== "" || url.search !== "") {
    const remedy = "put the key into AIMIE_LLM_API_KEY";
    throw usage(`AIMIE_LLM_URL (${source}) holds a user, password or query`, remedy);
  }
}

/** K2 */
function checkKeyPlace(url: Setting<unknown>, key: string | undefined, places: Places): void {
  if (key === undefined || url.source !== ".env") return;
  if (places.variable("AIMIE_LLM_API_KEY") === ".env") return;
  throw usage(
    "AIMIE_LLM_URL comes from this folder's .env, AIMIE_LLM_API_KEY does not: it is not sent there",
    "set both in the same place, or the address in the environment or config.yaml",
  );
}

function usage(message: string, nextStep: string): OperatorError {
  return new OperatorError({ code: "usage", message, nextStep });
}
