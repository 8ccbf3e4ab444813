import type { LanguageModel, ModelMessage, ToolSet } from "ai";
import type { LanguageModelSettings } from "../../../protocol/language-model.ts";
import { INSTRUCTIONS } from "./instructions.ts";
import { ModelProblem } from "./model-failure.ts";

/** What a model has used so far. */
export interface Usage {
  readonly requests: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** A turn of the conversation. */
export interface Turn {
  readonly model: LanguageModel;
  readonly settings: LanguageModelSettings;
  readonly messages: readonly ModelMessage[];
  readonly tools: ToolSet;
  readonly signal: AbortSignal;
  /** Requests and tokens of the turns before. */
  readonly used: Usage;
  /** Told of the answer so far. */
  readonly onText: (text: string) => void;
}

/** What a model has said in its turn. */
export interface Said {
  readonly text: string;
  /** The whole conversation after it. */
  readonly messages: readonly ModelMessage[];
  readonly used: Usage;
}

/** Tries of a request after the first; the endpoint's wish how long to wait is kept. */
const MAXIMUM_RETRIES = 2;

/**
 * Lets the model speak, with tools, until it has answered.
 * @throws ModelProblem when it has not answered; what the packages throw when the endpoint fails.
 */
export async function converse(turn: Turn): Promise<Said> {
  const { streamText, isStepCount } = await import("ai");
  const { settings, used } = turn;
  const left = settings.maximumSteps - used.requests;
  if (left <= 0) throw tooManySteps(settings);
  const result = streamText({
    model: turn.model,
    instructions: INSTRUCTIONS,
    messages: [...turn.messages],
    tools: turn.tools,
    abortSignal: turn.signal,
    maxRetries: MAXIMUM_RETRIES,
    maxOutputTokens: Math.max(1, settings.maximumTokens - used.outputTokens),
    stopWhen: [
      isStepCount(left),
      ({ steps }) =>
        steps.reduce((sum, { usage }) => sum + (usage.outputTokens ?? 0), used.outputTokens) >=
        settings.maximumTokens,
    ],
    // The last request it has must be the answer.
    prepareStep: ({ stepNumber }) => (stepNumber >= left - 1 ? { toolChoice: "none" } : {}),
    onError: () => undefined, // Met below, as a part of the stream.
  });
  let text = "";
  let ending: string | undefined;
  let now = used;
  for await (const part of result.stream) {
    switch (part.type) {
      case "start-step":
        text = "";
        break;
      case "text-delta":
        text += part.text;
        turn.onText(text);
        break;
      case "finish-step":
        ending = part.finishReason;
        now = {
          requests: now.requests + 1,
          inputTokens: now.inputTokens + (part.usage.inputTokens ?? 0),
          outputTokens: now.outputTokens + (part.usage.outputTokens ?? 0),
        };
        break;
      case "error":
        throw isForbiddenCall(part.error) ? tooManySteps(settings) : part.error;
      case "abort":
        throw turn.signal.reason;
      default:
    }
  }
  checkEnding(ending, text, settings);
  const messages = [...turn.messages, ...(await result.responseMessages)];
  return { text: text.trim(), messages, used: now };
}

/** Whether it has asked a tool where it was to answer. */
function isForbiddenCall(cause: unknown): boolean {
  return cause instanceof Error && cause.name === "AI_ToolChoiceViolationError";
}

function checkEnding(
  ending: string | undefined,
  text: string,
  settings: LanguageModelSettings,
): void {
  switch (ending) {
    case "stop":
      if (text.trim() !== "") return;
      throw new ModelProblem("the language model gave an empty answer", "rerun the step");
    case "tool-calls":
      throw tooManySteps(settings);
    case "length":
      throw new ModelProblem(
        `the language model was cut off after ${settings.maximumTokens} tokens`,
        "raise AIMIE_LLM_MAX_TOKENS, or ask less at once",
      );
    case "content-filter":
      throw new ModelProblem("the endpoint withheld the answer", "ask in other words");
    default:
      throw new ModelProblem("the language model broke off its answer", "rerun the step");
  }
}

function tooManySteps({ maximumSteps }: LanguageModelSettings): ModelProblem {
  return new ModelProblem(
    `the language model did not come to an answer in ${maximumSteps} requests`,
    "raise AIMIE_LLM_MAX_STEPS, or ask less at once",
  );
}
