/** Reads conditions such as "above 100" or "below half of its peak" (symbols: see piece.ts). */
import type { Level, Threshold } from "./intent.ts";
import type { Subject } from "./table.ts";

const FALL = "falls?|fell|fallen|drops?|dropped|go|goes|went|sinks?|sank|dips?|dipped|declines?";
const RISE = "rises?|rose|risen|climbs?|climbed|grows?|grew|jumps?|jumped|go|goes|went";

const SIDES: readonly [Threshold["side"], string][] = [
  ["falling", `(?:${FALL}|declined|decreases?|decreased)(?: back)? (?:below|under)`],
  ["at-least", "at least|>=|≥|no less than"],
  ["at-most", "at most|<=|≤|no more than"],
  [
    "above",
    `(?:${RISE}) (?:above|over|beyond)|above|over|beyond|(?:more|greater|higher|larger) than|>`,
  ],
  ["above", "exceed|exceeds|exceeded|surpass|surpasses|surpassed|overtakes?|overtook"],
  ["below", "below|under|(?:less|fewer|lower|smaller) than|<"],
  [
    "reach",
    `(?:${FALL}|${RISE}|decreases?|decreased|increases?|increased|gets?|got|cools?|cooled)(?: up| down)? to`,
  ],
  [
    "reach",
    "reach|reaches|reached|reaching|hits?|cross|crosses|crossed|pass|passes|passed|equals?|equalled",
  ],
];

const PART = "(?:(?:a|one) )?%(?: of)?(?: (?:the|its|their))?";
const LEVELS: readonly [string, (values: LevelValues) => Level | undefined][] = [
  [
    `${PART} (?:peak|maximum)(?: value| level)?`,
    ({ number }) => ({ type: "fraction", fraction: number / 100, of: "peak" }),
  ],
  [
    `${PART} (?:initial|starting|start)(?: value| level| number)?`,
    ({ number }) => ({ type: "fraction", fraction: number / 100, of: "initial" }),
  ],
  [
    `${PART} @`,
    ({ number, subject }) =>
      subject && { type: "variable", fraction: number / 100, variable: subject },
  ],
  [
    "(?:the|its|their) (?:initial|starting) (?:value|level|number)",
    () => ({ type: "fraction", fraction: 1, of: "initial" }),
  ],
  ["(?:the )?@", ({ subject }) => subject && { type: "variable", fraction: 1, variable: subject }],
  ["#", ({ number }) => ({ type: "number", value: number })],
];

/** The first number and the first variable after the head of a line of symbols. */
export interface LevelValues {
  readonly number: number;
  readonly subject: Subject | undefined;
}

const SHAPES = SIDES.flatMap(([side, words]) =>
  LEVELS.map(([shape, level]) => ({
    side,
    level,
    shape: new RegExp(`^(?:${words}) ${shape}(?= |$)`, "u"),
  })),
);

/** Reads the threshold at the head of `symbols`. */
export function readThreshold(
  symbols: string,
  values: LevelValues,
): { readonly length: number; readonly threshold: Threshold } | undefined {
  for (const { side, level, shape } of SHAPES) {
    const text = shape.exec(symbols)?.[0];
    const found = text === undefined ? undefined : level(values);
    if (text !== undefined && found !== undefined) {
      return { length: text.split(" ").length, threshold: { side, level: found } };
    }
  }
  return undefined;
}
