/** The words questions about ensembles are made of, beside the names of variables. */
import type { MEASURES } from "../../../protocol/ensemble-data.ts";
import type { Token } from "../tokenize.ts";

/** What of a variable's course is meant. */
export type Measure = (typeof MEASURES)[number];

/** A quantile the ensemble holds, the mean of the runs, or the middle part of them. */
export type Statistic = "q05" | "q25" | "q50" | "q75" | "q95" | "mean" | "middle-90" | "middle-50";

/** What some words mean. */
type Meaning =
  | { readonly type: "filler" }
  | { readonly type: "sign"; readonly sign: "influence" | "most" | "parameter" | "runs" | "many" }
  | { readonly type: "measure"; readonly measure: Measure }
  | { readonly type: "statistic"; readonly statistic: Statistic }
  | { readonly type: "time"; readonly time: number }
  | { readonly type: "unheld"; readonly reason: string };

/** A meaning, and how many tokens carry it. */
interface Understood {
  readonly length: number;
  readonly meaning: Meaning;
}

const words = (text: string): readonly string[] => text.split(" ");

const FILLERS = new Set(
  words(
    "the a an of is are was were what which does do did in on for to at its it by has have with over all and how much strongly there would show me tell give value values number level please across when model",
  ),
);

const SIGNS: ReadonlyMap<string, Extract<Meaning, { type: "sign" }>["sign"]> = new Map([
  ...words(
    "matter matters mattered influence influences influential affect affects drive drives driver sensitive sensitivity important impact impacts effect determines determine",
  ).map((word) => [word, "influence"] as const),
  ...words("most strongest biggest largest greatest main key").map(
    (word) => [word, "most"] as const,
  ),
  ...words(
    "parameter parameters input inputs factor factors assumption assumptions constant constants",
  ).map((word) => [word, "parameter"] as const),
  ...words("run runs simulation simulations ensemble").map((word) => [word, "runs"] as const),
  ["many", "many"],
]);

const MEASURE_WORDS: ReadonlyMap<string, Measure> = new Map([
  ...words("peak peaks maximum max highest").map((word) => [word, "peak"] as const),
  ...words("end final finally last ends").map((word) => [word, "final"] as const),
]);

/** The quantiles an ensemble holds, by their share in percent. */
const HELD: ReadonlyMap<number, Statistic> = new Map([
  [5, "q05"],
  [25, "q25"],
  [50, "q50"],
  [75, "q75"],
  [95, "q95"],
]);
const MIDDLE: ReadonlyMap<number, Statistic> = new Map([
  [90, "middle-90"],
  [50, "middle-50"],
]);

const QUANTILE_WORDS = new Set(words("percentile percentiles quantile quantiles"));
const MIDDLE_WORDS = new Set(
  words("band range interval spread middle lie lies between confidence credible"),
);

/** What the first tokens mean; undefined when nothing here. */
export function vocabularyOf(tokens: readonly Token[], timeUnit: string): Understood | undefined {
  return timeOf(tokens, timeUnit) ?? quantileOf(tokens) ?? wordOf(tokens[0]);
}

function wordOf(token: Token | undefined): Understood | undefined {
  if (token?.type === "sign") {
    return token.text === "," || token.text === "?" ? one({ type: "filler" }) : undefined;
  }
  if (token?.type !== "word") return undefined;
  const { text } = token;
  const sign = SIGNS.get(text);
  if (sign !== undefined) return one({ type: "sign", sign });
  const measure = MEASURE_WORDS.get(text);
  if (measure !== undefined) return one({ type: "measure", measure });
  if (text === "median") return one({ type: "statistic", statistic: "q50" });
  if (text === "mean" || text === "average") return one({ type: "statistic", statistic: "mean" });
  const isFiller = FILLERS.has(text) || MIDDLE_WORDS.has(text);
  return isFiller ? one({ type: "filler" }) : undefined;
}

function one(meaning: Meaning): Understood {
  return { length: 1, meaning };
}

/** `day 20`, `t = 20`, `time 20`. */
function timeOf(tokens: readonly Token[], timeUnit: string): Understood | undefined {
  const [first, second, third] = tokens;
  if (first?.type !== "word") return undefined;
  if (first.text !== "t" && first.text !== "time" && first.text !== timeUnit) return undefined;
  const hasEquals = second?.type === "sign" && second.text === "=";
  const number = hasEquals ? third : second;
  if (number?.type !== "number" || number.percent) return undefined;
  return { length: hasEquals ? 3 : 2, meaning: { type: "time", time: number.value } };
}

/** `95th percentile`, `percentile 95`, `95% quantile`, `90% band`, `90 % of the runs`. */
function quantileOf(tokens: readonly Token[]): Understood | undefined {
  const [first, second] = tokens;
  if (isQuantileWord(first) && second !== undefined) {
    const share = shareOf(second);
    return share === undefined ? undefined : { length: 2, meaning: held(share) };
  }
  if (first === undefined) return undefined;
  const share = shareOf(first);
  if (share === undefined) return undefined;
  if (isQuantileWord(second)) return { length: 2, meaning: held(share) };
  if (first.type !== "number" || !first.percent) return undefined;
  const statistic = MIDDLE.get(share);
  return one(
    statistic === undefined
      ? { type: "unheld", reason: "Of the middle part the runs hold that of 90 % and of 50 %." }
      : { type: "statistic", statistic },
  );
}

function held(share: number): Meaning {
  const statistic = HELD.get(share);
  if (statistic !== undefined) return { type: "statistic", statistic };
  const names = [...HELD.keys()].join(", ");
  return { type: "unheld", reason: `The ensemble holds the percentiles ${names}.` };
}

function isQuantileWord(token: Token | undefined): boolean {
  return token?.type === "word" && QUANTILE_WORDS.has(token.text);
}

/** A share in percent: `95`, `95%`, `95th`, and `0.95` of a quantile. */
function shareOf(token: Token): number | undefined {
  if (token.type === "number") {
    return token.value > 0 && token.value < 1 && !token.percent
      ? Number((token.value * 100).toPrecision(6))
      : token.value;
  }
  const [, digits] = /^(\d{1,3})(?:st|nd|rd|th)$/u.exec(token.text) ?? [];
  return digits === undefined ? undefined : Number(digits);
}
