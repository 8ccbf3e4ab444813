/**
 * The form in which two spellings of a name are equal: lower case, outer quotes dropped, and each
 * run of spaces, line breaks (also written `\n`) and underscores one underscore.
 * Source: XMILE 1.0, section 3.2.2.
 */
export function canonicalName(written: string): string {
  return plainName(written)
    .replaceAll(/[\s_]+/gu, "_")
    .toLowerCase();
}

/** The canonical form of names joined by dots, of which some may be quoted. */
export function canonicalPath(written: string): string {
  const parts = written.match(/"(?:[^"\\]|\\.)*"|[^."]+/gsu) ?? [];
  const leading = written.startsWith(".") ? "." : "";
  return leading + parts.map(canonicalName).join(".");
}

/** The canonical form of what may be an element of an array: `Two Dims[A, D]`. */
export function canonicalElement(written: string): string {
  return canonicalName(written).replaceAll(/_*([[\],])_*/gu, "$1");
}

/** A name for people: quotes, escapes and underscores give way to spaces. */
export function displayName(written: string): string {
  return plainName(written)
    .replaceAll(/[\s_]+/gu, " ")
    .trim();
}

function plainName(written: string): string {
  const trimmed = written.trim();
  const quoted = trimmed.length >= 2 && trimmed.startsWith('"') && trimmed.endsWith('"');
  const bare = quoted ? trimmed.slice(1, -1) : trimmed;
  return bare
    .replaceAll(/\\[nrt]/g, " ")
    .replaceAll(/\\(["\\])/g, "$1")
    .trim();
}

const MAX_SUGGESTIONS = 3;
const MAX_COMPARED_LENGTH = 64;

/** Up to three of `candidates` that are likely meant by `name`, best first. */
function closestNames(name: string, candidates: Iterable<string>): readonly string[] {
  const wanted = name.slice(0, MAX_COMPARED_LENGTH);
  const tolerance = Math.max(2, Math.floor(wanted.length / 3));
  return [...candidates]
    .map((candidate) => ({ candidate, distance: distanceOf(wanted, candidate) }))
    .filter(({ distance }) => distance <= tolerance)
    .sort((left, right) => left.distance - right.distance)
    .slice(0, MAX_SUGGESTIONS)
    .map(({ candidate }) => candidate);
}

function distanceOf(wanted: string, candidate: string): number {
  const other = candidate.slice(0, MAX_COMPARED_LENGTH);
  const partial = wanted.length >= 3 && (other.includes(wanted) || wanted.includes(other));
  return partial && other.length >= 3 ? 1 : editDistance(wanted, other);
}

/** The number of single-character changes between two texts (Levenshtein 1966, by rows). */
function editDistance(left: string, right: string): number {
  let previous = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const changed = left[row - 1] === right[column - 1] ? 0 : 1;
      current.push(
        Math.min(
          (previous[column] ?? 0) + 1,
          (current[column - 1] ?? 0) + 1,
          (previous[column - 1] ?? 0) + changed,
        ),
      );
    }
    previous = current;
  }
  return previous[right.length] ?? 0;
}

/** Ends a sentence with the suggestions, or with nothing when there are none. */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const close = closestNames(name, candidates);
  return close.length === 0 ? "" : ` Did you mean ${close.join(", ")}?`;
}
