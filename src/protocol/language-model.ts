import { z } from "zod";

/** The two ways of talking to a language model. */
export const LANGUAGE_MODEL_PROVIDERS = ["openai-compatible", "anthropic"] as const;

/** The language model that answers questions, as a qna worker is told of it. */
export const languageModelSchema = z.object({
  provider: z.enum(LANGUAGE_MODEL_PROVIDERS),
  /** The base address, such as `http://127.0.0.1:11434/v1`; holds no secret. */
  url: z.url({ protocol: /^https?$/ }),
  name: z.string().min(1).max(200),
  /** Travels to the worker and to the endpoint, nowhere else. */
  apiKey: z.string().optional(),
  /** Requests an answer may take. */
  maximumSteps: z.int().positive().max(50),
  /** Tokens the model may write for one answer. */
  maximumTokens: z.int().positive(),
  timeoutMs: z.number().positive(),
  /** Price of a million tokens; null where it is not known. */
  inputPrice: z.number().nonnegative().nullable(),
  outputPrice: z.number().nonnegative().nullable(),
});
export type LanguageModelSettings = z.infer<typeof languageModelSchema>;
