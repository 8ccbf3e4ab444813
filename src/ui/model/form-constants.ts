/** The constants of a model in the form of a run: which there are, and which are written wrongly. */
import type { ConsoleState, ModelConstant } from "../../console/console-state.ts";
import { canonicalElement, didYouMean } from "../../engines/xmile/identifier.ts";
import { constantsOf } from "../../orchestrator/constants-of.ts";
import type { Flow } from "../../orchestrator/flow.ts";
import type { TextField } from "./text-field.ts";
import { textOf } from "./text-field.ts";

/** The constants that a field's numbers go to; undefined where they are not known. */
export function constantsOfField(
  flow: Flow,
  fields: readonly { readonly name: string; readonly field: TextField }[],
  { name, constants }: { readonly name: string } & Pick<ConsoleState, "constants">,
): readonly ModelConstant[] | undefined {
  const parameter = constantsOf(flow).get(name);
  const model = fields.find((one) => one.name === parameter);
  const known = model === undefined ? undefined : constants.get(textOf(model.field).trim());
  return known?.length === 0 ? undefined : known;
}

/** What is wrong with the names that are given values; undefined when nothing is. */
export function unknownConstant(
  names: readonly string[],
  constants: readonly ModelConstant[],
): string | undefined {
  const known = constants.map(({ name }) => name);
  const unknown = names.find((written) => {
    const name = canonicalElement(written);
    return !known.some((one) => one === name || one.startsWith(`${name}[`));
  });
  return unknown === undefined
    ? undefined
    : `the model has no constant ${unknown.slice(0, 40)}.${didYouMean(unknown, known)}`;
}

/** The constants one can still name: those that go on what is being written, else all others. */
export function namesToOffer(
  text: string,
  constants: readonly ModelConstant[],
): readonly ModelConstant[] {
  const parts = text.split(",").map((part) => canonicalElement(part.split("=")[0] ?? ""));
  const writing = text.includes("=", text.lastIndexOf(",") + 1) ? "" : (parts.at(-1) ?? "");
  const others = constants.filter(({ name }) => name === writing || !parts.includes(name));
  const fitting = others.filter(({ name }) => writing !== "" && name.startsWith(writing));
  return fitting.length > 0 ? fitting : others;
}
