/** Reads distributions as people type them: `beta=uniform(0.2, 0.4); gamma=values(1, 2, 3)`. */
import type { Result } from "../../base/result.ts";
import { err, ok } from "../../base/result.ts";
import type { Distribution, EnsembleOrder } from "../../protocol/ensemble-data.ts";
import { distributionSchema } from "../../protocol/ensemble-data.ts";
import { problemOfDistribution } from "./distribution.ts";

/** What varies, by the name as it was written. */
export type Distributions = ReadonlyMap<string, Distribution>;

/** How each distribution is typed; optional numbers stand at the end. */
const FORMS: Readonly<Record<string, readonly string[]>> = {
  uniform: ["minimum", "maximum", "points"],
  normal: ["mean", "deviation"],
  lognormal: ["mean", "deviation"],
  triangular: ["minimum", "mode", "maximum"],
  choice: [],
  values: [],
};
const OPTIONAL = "points";
const MOST_PARAMETERS = 100;

/** Reads and checks all distributions of an order; the error is a sentence. */
export function readDistributions(
  written: EnsembleOrder["parameters"],
): Result<Distributions, string> {
  const entries = typeof written === "string" ? readEntries(written) : ok(Object.entries(written));
  if (!entries.ok) return entries;
  const found = new Map<string, Distribution>();
  for (const [name, given] of entries.value) {
    const distribution = checked(given);
    if (!distribution.ok) return err(`\`${shown(name)}\`: ${distribution.error}`);
    if (found.has(name)) return err(`\`${shown(name)}\` is given twice.`);
    found.set(name, distribution.value);
  }
  if (found.size === 0) return err("Nothing varies.");
  return found.size > MOST_PARAMETERS
    ? err(`More than ${MOST_PARAMETERS} parameters vary.`)
    : ok(found);
}

function checked(given: Distribution | string): Result<Distribution, string> {
  const read = typeof given === "string" ? readDistribution(given) : ok(given);
  if (!read.ok) return read;
  const problem = problemOfDistribution(read.value);
  return problem === undefined ? read : err(`${read.value.distribution} ${problem}.`);
}

/** Takes `a=uniform(1, 2); b=…` apart; a semicolon or a line break ends each. */
function readEntries(text: string): Result<readonly (readonly [string, string])[], string> {
  const parts = text
    .split(/[;\n]/u)
    .map((part) => part.trim())
    .filter((part) => part !== "");
  const entries: (readonly [string, string])[] = [];
  for (const part of parts) {
    const equals = part.indexOf("=");
    if (equals < 1) return err(`\`${shown(part)}\` is not NAME=DISTRIBUTION(…).`);
    entries.push([part.slice(0, equals).trim(), part.slice(equals + 1).trim()]);
  }
  return ok(entries);
}

function readDistribution(text: string): Result<Distribution, string> {
  const [, name = "", inside = ""] = /^([a-z]+)\s*\((.*)\)$/su.exec(text.trim()) ?? [];
  const form = Object.hasOwn(FORMS, name) ? FORMS[name] : undefined;
  if (form === undefined) {
    const known = Object.keys(FORMS).join(", ");
    return err(
      `\`${shown(text)}\` is no distribution; they are ${known}, with numbers in brackets.`,
    );
  }
  const items = inside.split(",").map((item) => item.trim());
  const made = form.length === 0 ? listOf(name, items) : numbersOf(name, form, items);
  const parsed = distributionSchema.safeParse(made);
  if (parsed.success) return ok(parsed.data);
  const wants =
    form.length === 0 ? "1, 2, 3" : form.join(", ").replace(`, ${OPTIONAL}`, `[, ${OPTIONAL}]`);
  return err(`\`${shown(text)}\` is not ${name}(${wants}).`);
}

function numbersOf(name: string, form: readonly string[], items: readonly string[]): object {
  const isComplete =
    items.length <= form.length && items.length >= form.filter((one) => one !== OPTIONAL).length;
  if (!isComplete) return {};
  const named = items.map((item, index) => [form[index] ?? "", numberOf(item)] as const);
  return { distribution: name, ...Object.fromEntries(named) };
}

/** `1, 2, 3`, or of a choice with weights `1:0.5, 2:0.25`. */
function listOf(name: string, items: readonly string[]): object {
  const pairs = items.map((item) => item.split(":"));
  const values = pairs.map(([value = ""]) => numberOf(value));
  if (pairs.every((pair) => pair.length === 1)) return { distribution: name, values };
  if (name !== "choice" || pairs.some((pair) => pair.length !== 2)) return {};
  return { distribution: name, values, weights: pairs.map(([, weight = ""]) => numberOf(weight)) };
}

function numberOf(text: string): number | undefined {
  const trimmed = text.trim();
  return trimmed === "" || !Number.isFinite(Number(trimmed)) ? undefined : Number(trimmed);
}

function shown(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
