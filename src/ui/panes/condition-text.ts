/** A step's condition as people say it. Pure. */
import type { Condition } from "../../orchestrator/condition.ts";

/** `params.wanted equals true`, `steps.simulation.output.stopTime above 50`; joined by and, or, not. */
export function conditionText(condition: Condition): string {
  if ("all" in condition) return condition.all.map(conditionText).join(" and ");
  if ("any" in condition) return condition.any.map(conditionText).join(" or ");
  if ("not" in condition) return `not (${conditionText(condition.not)})`;
  const { value, ...comparisons } = condition;
  const compared = Object.entries(comparisons).map(
    ([name, expected]) => `${name.replaceAll("-", " ")} ${valueText(expected)}`,
  );
  return `${valueText(value)} ${compared.join(" and ")}`;
}

/** A reference by its path; anything else as it is written. */
function valueText(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value);
  return value.replace(/\$\{\{\s*(.*?)\s*\}\}/g, "$1");
}
