/** Trust in a command model, asked where its run is wished for. */
import type { Result } from "../base/result.ts";
import type { FoundModel } from "./catalogue.ts";

/** A program that must be trusted before it runs, with everything the operator has to see. */
export interface TrustRequest {
  /** The model's name in the catalogue. */
  readonly name: string;
  readonly title: string;
  /** The whole command; each word with its limits to be seen. */
  readonly command: string;
  /** What `{folder}` is in the command. */
  readonly folder: string;
  /** The files that the trust holds for. */
  readonly files: readonly string[];
  /** What is trusted, SHA-256 in hexadecimal: an answer holds for nothing else. */
  readonly fingerprint: string;
}

/** Where trust is looked up and given. */
export interface ModelTrust {
  /** What has to be asked before a model runs; undefined when nothing has, or nothing can be. */
  wanted(model: Pick<FoundModel, "name" | "commandFile">): TrustRequest | undefined;
  /** Trusts what was shown, and nothing that has taken its place since. */
  give(
    request: Pick<TrustRequest, "name" | "fingerprint">,
  ): Result<void, { readonly message: string; readonly nextStep: string }>;
}
