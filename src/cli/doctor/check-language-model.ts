/** Checks the language model: whether its endpoint answers, takes the key and knows the model. */
import { z } from "zod";
import { errorMessage } from "../../base/error-message.ts";
import type { LanguageModelSettings } from "../../protocol/language-model.ts";
import type { Config } from "../config.ts";
import type { Finding } from "./finding.ts";
import { fail, fine, warn } from "./finding.ts";

/** How long the endpoint may take, milliseconds. */
const TIMEOUT_MS = 5000;

/** Largest list of models that is read, characters. */
const MAXIMUM_LIST = 2_000_000;

const listSchema = z.object({ data: z.array(z.object({ id: z.string() })) });

/** Checks the endpoint; asks it for its list of models, which costs nothing. */
export async function checkLanguageModel({
  llm,
}: Pick<Config, "llm">): Promise<readonly Finding[]> {
  const settings = llm.value;
  if (settings === undefined) {
    return [fine("model", "no language model is configured: the offline analyst answers")];
  }
  try {
    const answer = await fetch(`${settings.url}/models`, {
      headers: headersOf(settings),
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = (await answer.text()).slice(0, MAXIMUM_LIST);
    return [judgeAnswer(settings, answer.status, text)];
  } catch (cause) {
    const behind = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
    const text = `${settings.url} does not answer: ${errorMessage(behind)}`;
    return [fail("model", text, "check AIMIE_LLM_URL, or use --llm-model off")];
  }
}

/** What an endpoint's list of models says. */
export function judgeAnswer(
  { url, name, apiKey }: LanguageModelSettings,
  status: number,
  text: string,
): Finding {
  if (status === 401 || status === 403) {
    const said = apiKey === undefined ? "wants a key" : "refuses the key";
    return fail("model", `${url} ${said} (${status})`, "set AIMIE_LLM_API_KEY");
  }
  if (status === 404) return fine("model", `${url} answers; it lists no models`);
  if (status !== 200) {
    return warn("model", `${url} answers with ${status}`, "look at the endpoint's own log");
  }
  const models = listSchema.safeParse(parseJson(text));
  if (!models.success || models.data.data.some(({ id }) => id === name)) {
    return fine("model", `${url} answers; questions go to ${name}`);
  }
  return warn("model", `${url} answers, but does not list ${name}`, "check AIMIE_LLM_MODEL");
}

function headersOf({ provider, apiKey }: LanguageModelSettings): Record<string, string> {
  if (apiKey === undefined) return {};
  return provider === "anthropic"
    ? { "x-api-key": apiKey, "anthropic-version": "2023-06-01" }
    : { authorization: `Bearer ${apiKey}` };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
