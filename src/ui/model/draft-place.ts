/** What an operator can write a text about: a part of a step of a run. */
import type { RunId } from "../../protocol/ids.ts";
import type { RerunWish } from "../../protocol/rerun.ts";

/** What a text is about. */
export interface DraftPlace {
  readonly runId: RunId;
  readonly stepKey: string;
  readonly part: "input" | "output";
}

/** What was edited for a wish; undefined when nothing was. */
export function placeOf(runId: RunId, wish: RerunWish): DraftPlace | undefined {
  if (wish.kind === "edit-input") return { runId, stepKey: wish.stepKey, part: "input" };
  if (wish.kind === "pin-output") return { runId, stepKey: wish.stepKey, part: "output" };
  return undefined;
}
