import { MAXIMUM_EARLIER_QUESTIONS } from "../protocol/agent-data.ts";
import type { RunView } from "./console-state.ts";

/**
 * What was asked on the way to a run, the oldest first: of an answer all that led to it and its own
 * question, of another run the question it was started with.
 */
export function earlierQuestions({ state }: Pick<RunView, "state">): string[] {
  const { question, earlier } = state.origin.spec.parameters;
  const before = Array.isArray(earlier) ? earlier : [];
  return [...before, question]
    .filter((one): one is string => typeof one === "string" && one !== "")
    .slice(-MAXIMUM_EARLIER_QUESTIONS);
}
