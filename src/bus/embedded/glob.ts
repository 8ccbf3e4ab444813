/**
 * Whether `text` matches a pattern of Redis: `*`, `?`, `[a-z]`, `[^a]` and `\` to quote.
 * Backtracks to the last `*` only, so its time is bounded by the product of the two lengths.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  let patternIndex = 0;
  let textIndex = 0;
  let retry: { readonly pattern: number; text: number } | undefined;
  while (textIndex < text.length || patternIndex < pattern.length) {
    if (pattern.charAt(patternIndex) === "*") {
      patternIndex += 1;
      retry = { pattern: patternIndex, text: textIndex };
      continue;
    }
    const end = matchOne(pattern, patternIndex, text.charAt(textIndex));
    if (end !== undefined) {
      patternIndex = end;
      textIndex += 1;
      continue;
    }
    if (retry === undefined || retry.text >= text.length) return false;
    retry.text += 1;
    textIndex = retry.text;
    patternIndex = retry.pattern;
  }
  return true;
}

/** The pattern index after the element that matches `character`, undefined if it does not. */
function matchOne(pattern: string, index: number, character: string): number | undefined {
  if (character === "" || index >= pattern.length) return undefined;
  const element = pattern.charAt(index);
  if (element === "?") return index + 1;
  if (element === "[") return matchClass(pattern, index + 1, character);
  if (element === "\\" && index + 1 < pattern.length) {
    return pattern.charAt(index + 1) === character ? index + 2 : undefined;
  }
  return element === character ? index + 1 : undefined;
}

/** `index` is after the bracket; an unclosed class ends with the pattern. */
function matchClass(pattern: string, start: number, character: string): number | undefined {
  const negated = pattern.charAt(start) === "^";
  let index = negated ? start + 1 : start;
  let found = false;
  while (index < pattern.length && pattern.charAt(index) !== "]") {
    const member = readClassMember(pattern, index);
    found ||= member.low <= character && character <= member.high;
    index = member.end;
  }
  return found === negated ? undefined : Math.min(index + 1, pattern.length);
}

function readClassMember(
  pattern: string,
  index: number,
): { readonly low: string; readonly high: string; readonly end: number } {
  const first = pattern.charAt(index);
  if (first === "\\" && index + 1 < pattern.length) {
    const quoted = pattern.charAt(index + 1);
    return { low: quoted, high: quoted, end: index + 2 };
  }
  if (pattern.charAt(index + 1) !== "-" || index + 2 >= pattern.length) {
    return { low: first, high: first, end: index + 1 };
  }
  const last = pattern.charAt(index + 2);
  return first <= last
    ? { low: first, high: last, end: index + 3 }
    : { low: last, high: first, end: index + 3 };
}
