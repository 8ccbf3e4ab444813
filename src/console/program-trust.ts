/** Trust in the operator's own programs, asked where a run that needs one is wished for. */
import type { Result } from "../base/result.ts";
import type { Step } from "../orchestrator/flow.ts";
import type { FoundModel } from "./catalogue.ts";

/** A program that must be trusted before it runs, with everything the operator has to see. */
export interface TrustRequest {
  /** What it is to flows: a command model, an agent of one's own, a tool server of `mcp.json`. */
  readonly kind: "model" | "agent" | "server";
  /** The model's name in the catalogue, the agent's, the server's. */
  readonly name: string;
  readonly title: string;
  /** The whole command, each word with its limits to be seen; or the address that is called. */
  readonly command: string;
  /** What `{folder}` is in the command; null where it means nothing. */
  readonly folder: string | null;
  /** The files that the trust holds for. */
  readonly files: readonly string[];
  /** What is trusted, SHA-256 in hexadecimal: an answer holds for nothing else. */
  readonly fingerprint: string;
}

/** What a yes is given to. */
export type TrustAnswer = Pick<TrustRequest, "kind" | "name" | "fingerprint">;

/** A wish that cannot be met. */
export interface WishProblem {
  readonly message: string;
  readonly nextStep: string;
  /** What the operator may trust, and then wish again. */
  readonly trust?: TrustRequest;
}

/** Where trust is looked up and given. */
export interface ProgramTrust {
  /** What has to be asked before a model runs; undefined when nothing has, or nothing can be. */
  wanted(model: Pick<FoundModel, "name" | "commandFile">): TrustRequest | undefined;
  /** Why the program that carries a step out may not run yet; undefined when nothing is in the way. */
  refusal(step: Pick<Step, "agent" | "input">): WishProblem | undefined;
  /** Trusts what was shown, and nothing that has taken its place since. */
  give(answer: TrustAnswer): Result<void, WishProblem>;
}

/** The first program without trust that some steps need. */
export function refusalOfSteps(
  steps: readonly Pick<Step, "agent" | "input">[],
  trust: Pick<ProgramTrust, "refusal">,
): WishProblem | undefined {
  for (const step of steps) {
    const refusal = trust.refusal(step);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}
