import type { LanguageModel } from "ai";
import type { LanguageModelSettings } from "../../../protocol/language-model.ts";

/** What is sent where an endpoint wants a key and none is configured, as local ones do. */
const NO_KEY = "none";

/** Redirects are refused: they would carry the key to an address that nobody has configured. */
const fetchStraight: typeof fetch = (input, init) => fetch(input, { ...init, redirect: "error" });

/** Opens the model of the settings; nothing is sent yet. The packages are read here, not before. */
export async function openModel(settings: LanguageModelSettings): Promise<LanguageModel> {
  const { wrapLanguageModel, extractReasoningMiddleware } = await import("ai");
  // Some models think aloud in front of their answer.
  const middleware = extractReasoningMiddleware({ tagName: "think" });
  return wrapLanguageModel({ model: await providedModel(settings), middleware });
}

async function providedModel({ provider, url, name, apiKey }: LanguageModelSettings) {
  switch (provider) {
    case "openai-compatible": {
      const { createOpenAICompatible } = await import("@ai-sdk/openai-compatible");
      const key = apiKey === undefined ? {} : { apiKey };
      const options = { name: "endpoint", baseURL: url, includeUsage: true, fetch: fetchStraight };
      return createOpenAICompatible({ ...options, ...key }).chatModel(name);
    }
    case "anthropic": {
      const { createAnthropic } = await import("@ai-sdk/anthropic");
      const options = { baseURL: url, apiKey: apiKey ?? NO_KEY, fetch: fetchStraight };
      return createAnthropic(options).languageModel(name);
    }
  }
}
