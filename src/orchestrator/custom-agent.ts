/** An agent of the user's own, as far as flows have to know it. */
export interface CustomAgent {
  readonly name: string;
  /** The inputs it knows; undefined when it takes others too. */
  readonly inputs: readonly string[] | undefined;
  readonly required: readonly string[];
  /** Why it cannot be used. */
  readonly problem?: { readonly message: string; readonly remedy: string };
}

/** The agents a flow may name besides the built-in ones; `any` where their manifests are not. */
export type KnownAgents = readonly CustomAgent[] | "any";
