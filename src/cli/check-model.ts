import { readModel } from "../engines/xmile/read-model.ts";

/** Why the text of a model cannot be simulated; undefined when it can. */
export function checkModelText(text: string): string | undefined {
  const model = readModel(text);
  if (model.ok) return undefined;
  const { message, nextStep } = model.error;
  return `${message} — ${nextStep}`;
}
