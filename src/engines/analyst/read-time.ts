/** Reads moments and stretches of time at the head of a line of symbols (see piece.ts). */
import type { TimePoint, TimeWindow } from "./intent.ts";
import type { AnalystTable } from "./table.ts";

type Span = Pick<AnalystTable, "startTime" | "stopTime">;

/** A time expression: how many symbols it takes, and what it means. */
export type TimeReading =
  | { readonly type: "point"; readonly length: number; readonly point: TimePoint }
  | { readonly type: "window"; readonly length: number; readonly window: TimeWindow };

const RUN = "(?:run|simulation)";
const START = `(?:the )?(?:very )?(?:start|beginning)(?: of (?:the )?${RUN})?`;
const END = `(?:the )?(?:very )?end(?: of (?:the )?${RUN})?`;
const RUN_ENDS = `when the ${RUN} (?:ends|ended|finishes|finished|stops|stopped|is over)`;
const NUMBERED = "(?:the )?~(?: =)? #|#(?: ~)?";
const BOUND = `(?:${NUMBERED}|${START}|${END})`;

const WINDOWS: readonly [RegExp, (numbers: readonly number[], span: Span) => [number, number]][] = [
  [
    pattern("(?:(?:in|during|over|within|for) )?the first # ~"),
    ([n = 0], { startTime }) => [startTime, startTime + n],
  ],
  [
    pattern("(?:(?:in|during|over|within|for) )?the last # ~"),
    ([n = 0], { stopTime }) => [stopTime - n, stopTime],
  ],
  [pattern("(?:before|until|till|up to) (?:the )?~ #"), ([n = 0], span) => [span.startTime, n]],
  [
    pattern("(?:after|since|from) (?:the )?~ #(?: on| onward| onwards)?"),
    ([n = 0], span) => [n, span.stopTime],
  ],
  [
    pattern("(?:(?:during|over|in|for|from) )?~ # (?:-|–|to|through) (?:~ )?#"),
    ([from = 0, to = 0]) => [from, to],
  ],
];
const BETWEEN = new RegExp(
  `^(?:between|from) (${BOUND}) (?:and|to|until|till|through|up to) (${BOUND})(?= |$)`,
  "u",
);
const WHOLE = pattern(
  `(?:over|during|throughout|across|for) (?:the )?(?:(?:whole|entire|full|complete) )?(?:${RUN}|~)|throughout|overall`,
);

const POINTS: readonly RegExp[] = [
  pattern("(?:(?:at|on|by) )?(?:the )?~(?: =)? #"),
  pattern("at #(?: ~)?"),
];
const ELAPSED = pattern("after # ~|# ~ (?:in|after (?:the )?(?:start|beginning))");
const AT_END = pattern(
  `(?:at|by|in) ${END}|(?:at|on|in) the (?:last|final) ~|${RUN_ENDS}|final|finally|ultimately|eventually|ends? up|ended up|end value`,
);
const AT_START = pattern(
  `(?:at|in) ${START}|initial|initially|starting|start value|to start with|to begin with`,
);

/** Reads the time expression at the head of `symbols`; `numbers` are its numbers in order. */
export function readTime(
  symbols: string,
  numbers: readonly number[],
  span: Span,
): TimeReading | undefined {
  return readWindow(symbols, numbers, span) ?? readPoint(symbols, numbers, span);
}

function readWindow(
  symbols: string,
  numbers: readonly number[],
  span: Span,
): TimeReading | undefined {
  const between = BETWEEN.exec(symbols);
  // Two bare numbers may just as well be values: "between 10 and 20".
  if (between !== null && /~|start|beginning|end/u.test(between[0])) {
    const [text, left = "", right = ""] = between;
    const from = boundOf(left, numbers[0], span);
    const to = boundOf(right, numbers[left.includes("#") ? 1 : 0], span);
    return windowReading(text, from, to, span);
  }
  for (const [shape, window] of WINDOWS) {
    const text = shape.exec(symbols)?.[0];
    if (text !== undefined) return windowReading(text, ...window(numbers, span), span);
  }
  const whole = WHOLE.exec(symbols)?.[0];
  if (whole !== undefined) return windowReading(whole, span.startTime, span.stopTime, span);
  return undefined;
}

function readPoint(
  symbols: string,
  numbers: readonly number[],
  span: Span,
): TimeReading | undefined {
  for (const shape of POINTS) {
    const text = shape.exec(symbols)?.[0];
    if (text !== undefined) return pointReading(text, { at: numbers[0] ?? 0, name: "given" });
  }
  const elapsed = ELAPSED.exec(symbols)?.[0];
  if (elapsed !== undefined) {
    return pointReading(elapsed, { at: span.startTime + (numbers[0] ?? 0), name: "given" });
  }
  const end = AT_END.exec(symbols)?.[0];
  if (end !== undefined) return pointReading(end, { at: span.stopTime, name: "end" });
  const start = AT_START.exec(symbols)?.[0];
  if (start !== undefined) return pointReading(start, { at: span.startTime, name: "start" });
  return undefined;
}

function boundOf(text: string, number: number | undefined, span: Span): number {
  if (text.includes("#")) return number ?? 0;
  return /end/u.test(text) ? span.stopTime : span.startTime;
}

function windowReading(text: string, from: number, to: number, span: Span): TimeReading {
  const whole = from === span.startTime && to === span.stopTime;
  return { type: "window", length: lengthOf(text), window: { from, to, whole } };
}

function pointReading(text: string, point: TimePoint): TimeReading {
  return { type: "point", length: lengthOf(text), point };
}

/** How many symbols a matched line has. */
function lengthOf(text: string): number {
  return text.split(" ").length;
}

function pattern(shape: string): RegExp {
  return new RegExp(`^(?:${shape})(?= |$)`, "u");
}
