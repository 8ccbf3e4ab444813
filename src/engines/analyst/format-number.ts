/** A number as people read it: 163.4, 12,408, 3.2e-7, 1.235e12. */
export function formatNumber(value: number): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e12) return inPowers(value);
  if (size < 1e-4) return String(Number(value.toPrecision(4)));
  if (Number.isInteger(value) || size >= 1000) {
    return Math.round(value).toLocaleString("en-US");
  }
  return String(Number(value.toPrecision(4)));
}

/** Zeros in the place of digits that are left out would look like digits that are known. */
function inPowers(value: number): string {
  const [digits = "", power = ""] = value.toExponential(3).split("e+");
  return `${Number(digits)}e${power}`;
}

/** A moment as people read it: never rounded to less than a thousandth. */
export function formatTime(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}

/** A word of the user's or a name of the model's, set apart and cut to a readable length. */
export function quoted(text: string): string {
  // Control characters of a question must not reach a terminal by way of the answer.
  const plain = text.replace(/\p{C}/gu, "�");
  return `“${plain.length > 60 ? `${plain.slice(0, 57)}…` : plain}”`;
}
