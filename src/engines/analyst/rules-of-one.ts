/** The rules for questions about one variable. */
import type { Cue } from "./lexicon.ts";
import type { Reading } from "./read-question.ts";
import { abstain, extremeOf, fits, type Rule, understood } from "./rule.ts";
import type { Subject } from "./table.ts";

const ASKING: readonly Cue[] = ["what", "how-many"];

const isChanging = (subject: Subject | undefined): subject is Subject =>
  subject !== undefined && subject.kind !== "parameter";

/** A peak or a minimum, and when it occurs. */
export const extremeRule: Rule = (question) => {
  const { reading, variables, whole } = question;
  const cues: Cue[] = [...ASKING, "peak", "minimum", "when", "time-of", "until", "and", "ever"];
  const which = extremeOf(reading);
  const [variable] = variables;
  if (which === undefined || !isChanging(variable)) return undefined;
  if (!fits(question, [...cues, "to"], { variables: 1, windows: 1 })) return undefined;
  const wants = wantsOf(reading);
  if (wants === undefined) return undefined;
  const [window = whole] = reading.windows;
  return understood({ type: "extreme", which, wants, variable, window });
};

/** What of an extreme is asked; both only when something joins the two. */
function wantsOf({ cues }: Reading): "value" | "time" | "elapsed" | "both" | undefined {
  const asksTime = cues.has("when") || cues.has("time-of");
  if (cues.has("until")) return cues.has("and") || asksTime ? undefined : "elapsed";
  if (cues.has("to")) return undefined;
  if (!asksTime) return cues.has("and") ? undefined : "value";
  return isJoined(cues) ? "both" : "time";
}

/** A comma joins only two questions; alone it may set off "in this run, when …". */
function isJoined(cues: Reading["cues"]): boolean {
  const asksValue = cues.has("what") || cues.has("how-many");
  return cues.has("and") || (cues.has("comma") && asksValue);
}

/** The value at a moment. */
export const valueAtRule: Rule = (question) => {
  const [variable] = question.variables;
  const [point] = question.reading.points;
  if (!isChanging(variable) || point === undefined) return undefined;
  if (!fits(question, ASKING, { variables: 1, points: 1 })) return undefined;
  return understood({ type: "value-at", variable, point });
};

const AGGREGATES = ["mean", "median", "total", "deviation", "range"] as const;

/** One number over a period: a mean, a median, a total, a spread. */
export const aggregateRule: Rule = (question) => {
  const { reading, variables, whole } = question;
  const kinds = AGGREGATES.filter((kind) => reading.cues.has(kind));
  const [kind] = kinds;
  const [variable] = variables;
  if (kind === undefined || kinds.length > 1 || !isChanging(variable)) return undefined;
  if (!fits(question, [...ASKING, kind], { variables: 1, windows: 1 })) return undefined;
  const reason = kind === "total" ? addsUp(variable) : undefined;
  if (reason !== undefined) return abstain(reason);
  const [window = whole] = reading.windows;
  return understood({ type: "aggregate", kind, variable, window });
};

/** Why a variable cannot be added up over time; undefined when it can. */
export function addsUp({ kind, label }: Subject): string | undefined {
  if (kind === "flow") return undefined;
  return `“${label}” is a level, not a flow: adding it up over time would count the same thing again and again.`;
}

/** How much a variable changes between two moments. */
export const changeRule: Rule = (question) => {
  const { reading, variables, whole } = question;
  const { cues } = reading;
  const [variable] = variables;
  const asksChange = cues.has("change") || cues.has("difference") || cues.has("factor");
  if (!asksChange || !isChanging(variable)) return undefined;
  const known: Cue[] = [...ASKING, "change", "difference", "percent", "factor"];
  if (!fits(question, known, { variables: 1, windows: 1 })) return undefined;
  if (cues.has("percent") && cues.has("factor")) return undefined;
  const [window = whole] = reading.windows;
  const part = cues.has("percent") ? "percent" : "difference";
  const kind = cues.has("factor") ? "factor" : part;
  return understood({ type: "change", kind, variable, window });
};

/** When a condition holds for the first or the last time. */
export const crossingRule: Rule = (question) => {
  const { reading, variables } = question;
  const [variable] = variables;
  const [threshold] = reading.thresholds;
  if (threshold === undefined || !isChanging(variable)) return undefined;
  const known: Cue[] = ["what", "when", "time-of", "until", "first", "last", "ever", "to"];
  if (!fits(question, known, { variables: 1, thresholds: 1 })) return undefined;
  const wants = momentOf(reading);
  return wants && understood({ type: "crossing", wants, variable, threshold });
};

function momentOf({ cues }: Reading): "first" | "last" | "elapsed" | "whether" | undefined {
  if (cues.has("first") && cues.has("last")) return undefined;
  const asksTime = cues.has("when") || cues.has("time-of");
  if (cues.has("until")) return asksTime || cues.has("last") ? undefined : "elapsed";
  if (asksTime) return cues.has("last") ? "last" : "first";
  return cues.has("ever") && !cues.has("last") ? "whether" : undefined;
}

/** How long a condition holds. */
export const durationRule: Rule = (question) => {
  const { reading, variables, whole } = question;
  const [variable] = variables;
  const [threshold] = reading.thresholds;
  if (!reading.cues.has("how-long") || threshold === undefined) return undefined;
  if (!isChanging(variable)) return undefined;
  if (threshold.side === "reach" || threshold.side === "falling") return undefined;
  if (!fits(question, ["how-long"], { variables: 1, thresholds: 1, windows: 1 })) return undefined;
  const [window = whole] = reading.windows;
  return understood({ type: "duration", variable, threshold, window });
};

/** The value of what does not change. */
export const constantRule: Rule = (question) => {
  const [subject] = question.variables;
  if (subject?.constant == null) return undefined;
  if (!fits(question, ASKING, { variables: 1 })) return undefined;
  return understood({ type: "constant", subject, value: subject.constant });
};
