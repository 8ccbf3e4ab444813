import type { Result } from "../../../base/result.ts";
import { err, ok } from "../../../base/result.ts";
import type { VariableSummary, VizInput } from "../../../protocol/agent-data.ts";
import type { Failure } from "../../../protocol/failure.ts";

/** More lines than this in one chart cannot be told apart. */
const MOST_VARIABLES = 12;
const MOST_SUGGESTIONS = 5;
/** How many variables are drawn of a model that names no highlights. */
const DEFAULT_COUNT = 4;

/**
 * The variables to draw: those asked for, by name or label; else the simulation's highlights; else
 * its first stocks. An unknown name is a failure that names the nearest known ones.
 */
export function chooseVariables({
  simulation,
  variables,
}: VizInput): Result<readonly VariableSummary[], Failure> {
  const known = simulation.variables;
  if (variables === undefined || variables.length === 0) {
    return ok(withoutAsking(known, simulation.highlights));
  }
  const chosen = new Set<VariableSummary>();
  for (const wanted of variables) {
    const found = find(known, wanted);
    if (found === undefined) return err(unknownVariable(wanted, known));
    chosen.add(found);
  }
  return ok([...chosen]);
}

function withoutAsking(
  known: readonly VariableSummary[],
  highlights: readonly string[],
): readonly VariableSummary[] {
  const highlighted = highlights.flatMap((name) => known.filter((one) => one.name === name));
  if (highlighted.length > 0) return highlighted.slice(0, MOST_VARIABLES);
  const stocks = known.filter((one) => one.kind === "stock");
  return (stocks.length > 0 ? stocks : known).slice(0, DEFAULT_COUNT);
}

function find(known: readonly VariableSummary[], wanted: string): VariableSummary | undefined {
  const plain = plainName(wanted);
  return (
    known.find((one) => one.name === wanted) ??
    known.find((one) => plainName(one.name) === plain || plainName(one.label) === plain)
  );
}

function unknownVariable(wanted: string, known: readonly VariableSummary[]): Failure {
  const names = nearestNames(
    wanted,
    known.map((one) => one.name),
  );
  return {
    kind: "invalid-input",
    message: `The simulation has no variable "${wanted}".`,
    nextStep:
      names.length === 0
        ? "Simulate a model first."
        : `Choose from what it has: ${names.join(", ")}.`,
  };
}

/** The known names that share most pairs of letters with `wanted`, the nearest first. */
export function nearestNames(wanted: string, names: readonly string[]): string[] {
  const pairs = letterPairs(wanted);
  const shared = (name: string) => {
    const own = letterPairs(name);
    return [...own].filter((pair) => pairs.has(pair)).length / (own.size + pairs.size || 1);
  };
  return names
    .map((name) => ({ name, score: shared(name) }))
    .sort((left, right) => right.score - left.score)
    .slice(0, MOST_SUGGESTIONS)
    .map(({ name }) => name);
}

function letterPairs(name: string): ReadonlySet<string> {
  const plain = plainName(name);
  return new Set(
    Array.from({ length: Math.max(0, plain.length - 1) }, (_, at) => plain.slice(at, at + 2)),
  );
}

function plainName(name: string): string {
  return name.toLowerCase().replaceAll(/[\s_]+/g, "_");
}
