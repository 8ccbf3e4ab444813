import { readModel } from "../engines/xmile/read-model.ts";

/** Why the text of a model cannot be simulated; undefined when it can. */
export function checkModelText(text: string): string | undefined {
  const model = readModel(text);
  if (model.ok) return undefined;
  const { line, message, nextStep } = model.error;
  const place = line === null ? "" : `line ${line}: `;
  return `${place}${message} — ${nextStep}`;
}
