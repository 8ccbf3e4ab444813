import type { Subject } from "./table.ts";

/** A stretch of the run's time, both ends included. */
export interface TimeWindow {
  readonly from: number;
  readonly to: number;
  /** Whether it is the whole run. */
  readonly whole: boolean;
}

/** A moment, and whether it was named as the start or the end of the run. */
export interface TimePoint {
  readonly at: number;
  readonly name: "start" | "end" | "given";
}

export type ExtremeKind = "peak" | "minimum";

/** What a variable is held against: a number, a part of something, or another variable. */
export type Level =
  | { readonly type: "number"; readonly value: number }
  | { readonly type: "fraction"; readonly fraction: number; readonly of: "peak" | "initial" }
  | { readonly type: "variable"; readonly fraction: number; readonly variable: Subject };

/** A condition on a variable; `falling` asks for the moment it comes down through the level. */
export interface Threshold {
  readonly side: "above" | "below" | "at-least" | "at-most" | "reach" | "falling";
  readonly level: Level;
}

/** What of a variable two variables are compared by. */
export type Measure =
  | { readonly type: "extreme"; readonly which: ExtremeKind; readonly window: TimeWindow }
  | { readonly type: "time-of-extreme"; readonly which: ExtremeKind; readonly window: TimeWindow }
  | { readonly type: "mean"; readonly window: TimeWindow }
  | { readonly type: "value-at"; readonly point: TimePoint };

/** What a question asks, with nothing left to interpret. */
export type Intent =
  | {
      readonly type: "extreme";
      readonly which: ExtremeKind;
      readonly wants: "value" | "time" | "elapsed" | "both";
      readonly variable: Subject;
      readonly window: TimeWindow;
    }
  | { readonly type: "value-at"; readonly variable: Subject; readonly point: TimePoint }
  | {
      readonly type: "aggregate";
      readonly kind: "mean" | "median" | "total" | "deviation" | "range";
      readonly variable: Subject;
      readonly window: TimeWindow;
    }
  | {
      readonly type: "change";
      readonly kind: "difference" | "percent" | "factor";
      readonly variable: Subject;
      readonly window: TimeWindow;
    }
  | {
      readonly type: "crossing";
      readonly wants: "first" | "last" | "elapsed" | "whether";
      readonly variable: Subject;
      readonly threshold: Threshold;
    }
  | {
      readonly type: "duration";
      readonly variable: Subject;
      readonly threshold: Threshold;
      readonly window: TimeWindow;
    }
  | {
      readonly type: "compare";
      readonly kind: "greater" | "less" | "earlier" | "later" | "difference" | "ratio";
      readonly left: Subject;
      readonly right: Subject;
      readonly measure: Measure;
    }
  | {
      readonly type: "share";
      readonly part: Subject;
      readonly whole: Subject;
      readonly moment: TimePoint | ExtremeKind;
    }
  | {
      readonly type: "value-when";
      readonly variable: Subject;
      readonly other: Subject;
      readonly which: ExtremeKind;
    }
  | { readonly type: "constant"; readonly subject: Subject; readonly value: number };

/** What becomes of a question: an intent, or the reason why it is not answered. */
export type Parsed =
  | { readonly status: "understood"; readonly intent: Intent }
  | { readonly status: "abstained"; readonly reason: string };
