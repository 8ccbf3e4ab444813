/** What a list of measurements comes to. */

/** The value below which `share` of the values lie. */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/** The middle one of several values. */
export function median(values) {
  return quantile(values, 0.5);
}

/** A median and its range as text. */
export function format(values, unit, digits) {
  const text = (value) => value.toFixed(digits);
  return `median ${text(median(values)).padStart(7)} ${unit}  [${text(Math.min(...values))} .. ${text(Math.max(...values))}]`;
}

/** Prints a line of results. */
export function print(name, text) {
  process.stdout.write(`${name.padEnd(46)} ${text}\n`);
}
