/** A question with one thing changed; undefined where the change makes no sense of it. */
import type { Intent, Parsed, Threshold, TimePoint, TimeWindow } from "./intent.ts";
import { abstain, understood } from "./rule.ts";
import { addsUp } from "./rules-of-one.ts";
import type { Subject } from "./table.ts";

/** The same of another variable. */
export function withSubject(intent: Intent, variable: Subject): Parsed | undefined {
  if (variable.constant !== null) {
    return understood({ type: "constant", subject: variable, value: variable.constant });
  }
  if (variable.kind === "parameter") return undefined;
  switch (intent.type) {
    case "aggregate": {
      const reason = intent.kind === "total" ? addsUp(variable) : undefined;
      return reason === undefined ? understood({ ...intent, variable }) : abstain(reason);
    }
    case "extreme":
    case "value-at":
    case "change":
    case "crossing":
    case "duration":
    case "value-when":
      return understood({ ...intent, variable });
    case "constant":
    case "compare":
    case "share":
      return undefined;
  }
}

/** The value, or the comparison of values, at another moment. */
export function withPoint(intent: Intent, point: TimePoint): Parsed | undefined {
  switch (intent.type) {
    case "compare":
      return intent.measure.type === "value-at"
        ? understood({ ...intent, measure: { ...intent.measure, point } })
        : undefined;
    case "share":
      return understood({ ...intent, moment: point });
    case "constant":
    case "duration":
    case "crossing":
    case "value-when":
      return undefined;
    case "extreme":
    case "value-at":
    case "aggregate":
    case "change":
      return understood({ type: "value-at", variable: intent.variable, point });
  }
}

/** The same over another period. */
export function withWindow(intent: Intent, window: TimeWindow): Parsed | undefined {
  switch (intent.type) {
    case "extreme":
    case "aggregate":
    case "change":
    case "duration":
      return understood({ ...intent, window });
    case "compare":
      return "window" in intent.measure
        ? understood({ ...intent, measure: { ...intent.measure, window } })
        : undefined;
    case "value-at":
    case "crossing":
    case "share":
    case "value-when":
    case "constant":
      return undefined;
  }
}

/** The same with another limit. */
export function withThreshold(intent: Intent, threshold: Threshold): Parsed | undefined {
  if (intent.type === "crossing") return understood({ ...intent, threshold });
  if (intent.type !== "duration") return undefined;
  // How long something reaches a level, or comes down through it, has no answer.
  if (threshold.side === "reach" || threshold.side === "falling") return undefined;
  return understood({ ...intent, threshold });
}
