/** The rules for questions about two variables. */
import type { Intent } from "./intent.ts";
import type { Cue } from "./lexicon.ts";
import { abstain, type Case, extremeOf, fits, measureOf, type Rule, understood } from "./rule.ts";
import type { Subject } from "./table.ts";

type CompareKind = Extract<Intent, { type: "compare" }>["kind"];

const MEASURES: readonly Cue[] = ["peak", "minimum", "mean"];

/** Which of two is greater, or comes first; their difference; their ratio. */
export const compareRule: Rule = (question) => {
  const [left, right] = sidesOf(question);
  const kind = compareKindOf(question);
  const measure = measureOf(question);
  if (left === undefined || right === undefined || left === right) return undefined;
  if (kind === undefined || measure === undefined) return undefined;
  const isOfTimes = measure.type === "time-of-extreme";
  if (isOfTimes !== (kind === "earlier" || kind === "later")) return undefined;
  if (measure.type !== "value-at" && question.reading.points.length > 0) return undefined;
  return unitsAgree(left, right) || isOfTimes || kind === "ratio"
    ? understood({ type: "compare", kind, left, right, measure })
    : abstain(`“${left.label}” and “${right.label}” are measured in different units.`);
};

/** The two variables compared: both named, or one named and one it is held against. */
function sidesOf(question: Case): readonly (Subject | undefined)[] {
  const { reading, variables } = question;
  const points = reading.points.length > 0 ? 1 : 0;
  const known: Cue[] = ["what", "how-many", "which", "greater", "less", "earlier", "later"];
  const joints: Cue[] = ["first", "last", "difference", "ratio", "compare", "and", "or", "to"];
  const cues = [...known, ...joints, ...MEASURES, "between", "than"] as const;
  if (variables.length === 2 && fits(question, cues, { variables: 2, points, windows: 1 })) {
    return variables;
  }
  const [threshold] = reading.thresholds;
  const isBare = fits(question, [], { variables: 1, points: 1, thresholds: 1 });
  if (!isBare || threshold?.level.type !== "variable" || threshold.level.fraction !== 1) return [];
  return [variables[0], threshold.level.variable];
}

function compareKindOf({ reading }: Case): CompareKind | undefined {
  const { cues } = reading;
  const asksOrder = extremeOf(reading) !== undefined && cues.has("which");
  const kinds = KIND_CUES.flatMap(([cue, kind]) => (cues.has(cue) ? [kind] : []));
  if (asksOrder) kinds.push(...ORDER_CUES.flatMap(([cue, kind]) => (cues.has(cue) ? [kind] : [])));
  const side = reading.thresholds[0]?.side;
  if (side === "above") kinds.push("greater");
  if (side === "below") kinds.push("less");
  const [only] = kinds;
  // "How much higher" asks for the difference, "which is higher" for the higher one.
  if (kinds.length === 1 && cues.has("how-many") && isOfSize(only)) return "difference";
  if (kinds.length === 1) return only;
  // "Which has the highest peak" says twice what "which peaks highest" says once.
  return only === undefined && asksOrder ? "greater" : undefined;
}

function isOfSize(kind: CompareKind | undefined): boolean {
  return kind === "greater" || kind === "less";
}

const KIND_CUES: readonly (readonly [Cue, CompareKind])[] = [
  ["greater", "greater"],
  ["less", "less"],
  ["earlier", "earlier"],
  ["later", "later"],
  ["difference", "difference"],
  ["compare", "difference"],
  ["ratio", "ratio"],
];
const ORDER_CUES: readonly (readonly [Cue, CompareKind])[] = [
  ["first", "earlier"],
  ["last", "later"],
];

/** What percentage of one variable another one is. */
export const shareRule: Rule = (question) => {
  const { reading, variables } = question;
  const [whole, part] = variables;
  const [point] = reading.points;
  if (whole === undefined || part === undefined || whole === part) return undefined;
  if (!/^(what )?percent @ @/u.test(reading.order)) return undefined;
  const points = point === undefined ? 0 : 1;
  const cues: Cue[] = ["what", "percent", "peak", "minimum"];
  if (!fits(question, cues, { variables: 2, points })) return undefined;
  const moment = point ?? extremeOf(reading);
  if (moment === undefined || (point !== undefined && extremeOf(reading) !== undefined)) {
    return undefined;
  }
  return unitsAgree(whole, part)
    ? understood({ type: "share", part, whole, moment })
    : abstain(`“${part.label}” and “${whole.label}” are measured in different units.`);
};

/** The value one variable has when another one peaks. */
export const valueWhenRule: Rule = (question) => {
  const { reading, variables } = question;
  const [first, second] = variables;
  const which = extremeOf(reading);
  if (first === undefined || second === undefined || which === undefined) return undefined;
  const isEventLast = EVENT_LAST.test(reading.order);
  if (first === second || (!isEventLast && !EVENT_FIRST.test(reading.order))) return undefined;
  if (!fits(question, ["what", "how-many", "when", which], { variables: 2 })) return undefined;
  const [variable, other] = isEventLast ? [first, second] : [second, first];
  return understood({ type: "value-when", variable, other, which });
};

/** "What is A when B peaks" and "When B peaks, what is A", in the order of their meanings. */
const EVENT = "(?:when @ (?:peak|minimum)|(?:when )?(?:peak|minimum) @)";
const EVENT_LAST = new RegExp(`^(?:(?:what|how-many) )?@ ${EVENT}$`, "u");
const EVENT_FIRST = new RegExp(`^${EVENT} comma (?:what|how-many) @$`, "u");

function unitsAgree(left: Subject, right: Subject): boolean {
  return left.unit === null || right.unit === null || left.unit === right.unit;
}
