/** The outcome of looking something up by a part of its name. */
export type Found<Value> =
  | { readonly status: "unique"; readonly value: Value }
  | { readonly status: "ambiguous"; readonly candidates: readonly Value[] }
  | { readonly status: "none" };

/** One candidate is the answer, several are a question. */
export function foundAmong<Value>(candidates: readonly Value[]): Found<Value> {
  const [first] = candidates;
  if (first === undefined) return { status: "none" };
  return candidates.length === 1
    ? { status: "unique", value: first }
    : { status: "ambiguous", candidates };
}
