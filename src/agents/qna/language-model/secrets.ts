/** Keys shorter than this are placeholders (`none`, `x`) that would be found in any text. */
const SHORTEST_SECRET = 6;

/** A beginning of a key that is this long is taken for one at the end of a text. */
const SHORTEST_BEGINNING = 4;

/**
 * Takes a key out of texts, also where an endpoint repeats it; a text that ends in the middle of it
 * loses that end.
 */
export function keyRemover(apiKey: string | undefined): (text: string) => string {
  if (apiKey === undefined || apiKey.length < SHORTEST_SECRET) return (text) => text;
  return (text) => withoutBeginning(text.replaceAll(apiKey, "***"), apiKey);
}

function withoutBeginning(text: string, apiKey: string): string {
  for (let length = apiKey.length - 1; length >= SHORTEST_BEGINNING; length -= 1) {
    if (text.endsWith(apiKey.slice(0, length))) return text.slice(0, -length);
  }
  return text;
}
