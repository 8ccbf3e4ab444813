import { errorMessage } from "../../../base/error-message.ts";
import type { Failure } from "../../../protocol/failure.ts";
import type { LanguageModelSettings } from "../../../protocol/language-model.ts";
import { keyRemover } from "./secrets.ts";

/** A conversation that cannot go on, for a reason that is known. */
export class ModelProblem extends Error {
  override readonly name = "ModelProblem";
  readonly nextStep: string;

  constructor(message: string, nextStep: string) {
    super(message);
    this.nextStep = nextStep;
  }
}

const OFFLINE = "or answer without a model: --llm-model off";

/** Longest piece of an endpoint's own words. */
const MAXIMUM_WORDS = 500;

/** What an endpoint's error means for the operator; never holds the key. */
export function modelFailure(cause: unknown, settings: LanguageModelSettings): Failure {
  const clean = keyRemover(settings.apiKey);
  const { message, nextStep } = explain(lastOf(cause), settings);
  return { kind: "tool", message: clean(message).slice(0, 4000), nextStep: clean(nextStep) };
}

/** Of several tries the last one tells. */
function lastOf(cause: unknown): unknown {
  const last = memberOf(cause, "lastError");
  return last === undefined ? cause : last;
}

function explain(
  cause: unknown,
  { url, name }: LanguageModelSettings,
): { readonly message: string; readonly nextStep: string } {
  if (cause instanceof ModelProblem) return cause;
  const words = errorMessage(cause).slice(0, MAXIMUM_WORDS);
  const status = memberOf(cause, "statusCode");
  if (status === 401 || status === 403) {
    return {
      message: `the language model at ${url} refused the key (${status}): ${words}`,
      nextStep: `check AIMIE_LLM_API_KEY, ${OFFLINE}`,
    };
  }
  if (status === 404) {
    return {
      message: `${url} knows no language model ${name} (404): ${words}`,
      nextStep: `check AIMIE_LLM_URL and AIMIE_LLM_MODEL, ${OFFLINE}`,
    };
  }
  if (status === 429) {
    return {
      message: `the language model at ${url} takes no more requests now (429): ${words}`,
      nextStep: `wait, raise the quota, ${OFFLINE}`,
    };
  }
  if (typeof status === "number" && status >= 300) {
    return {
      message: `the language model at ${url} failed (${status}): ${words}`,
      nextStep: `rerun the step later, ${OFFLINE}`,
    };
  }
  return {
    message: `the language model at ${url} cannot be reached or broke off: ${reasonOf(cause)}`,
    nextStep: `aimie-console doctor tells whether it answers; ${OFFLINE}`,
  };
}

/** The words of an error and of what is behind it: `fetch failed` alone says nothing. */
function reasonOf(cause: unknown): string {
  const behind = memberOf(cause, "cause");
  const words = errorMessage(cause).slice(0, MAXIMUM_WORDS);
  return behind instanceof Error && !words.includes(behind.message)
    ? `${words} (${reasonOf(behind)})`
    : words;
}

function memberOf(value: unknown, name: string): unknown {
  return value instanceof Error && name in value ? Reflect.get(value, name) : undefined;
}
