/** The longest citation that is shown. */
const MAX_LENGTH = 1000;

/** What the first comment of a model's text names as its source; undefined when it names none. */
export function readCitation(text: string): string | undefined {
  const start = text.indexOf("<!--");
  const end = text.indexOf("-->", start);
  if (start < 0 || end < 0) return undefined;
  const found = /\bSources?:\s*([\s\S]+?)(?:\n\s*\n|$)/.exec(text.slice(start + 4, end));
  const citation = found?.[1]?.replaceAll(/\s+/g, " ").trim();
  return citation === undefined || citation === "" ? undefined : citation.slice(0, MAX_LENGTH);
}
