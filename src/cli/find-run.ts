/** Finds a run by what an operator types. */
import { OperatorError } from "../base/operator-error.ts";
import type { SessionStore } from "../session/store.ts";

/** A run of the local store and the session it belongs to. */
type FoundRun = Extract<ReturnType<SessionStore["findRun"]>, { status: "unique" }>["value"];

/** The word for the last run. */
const LATEST = "@latest";

/**
 * The run of an id, of a beginning that only one id has, or of `@latest`.
 * @throws OperatorError `usage` when there is none, or more than one.
 */
export function findRun(store: SessionStore, wanted: string): FoundRun {
  const found = store.findRun(wanted.replace(/^@/, ""));
  if (found.status === "unique") return found.value;
  if (found.status !== "ambiguous" && wanted === LATEST) {
    throw new OperatorError({
      code: "usage",
      message: "there is no run yet",
      nextStep: "aimie-console run starts one",
    });
  }
  const several = found.status === "ambiguous";
  throw new OperatorError({
    code: "usage",
    message: several
      ? `${wanted} means ${found.candidates.length} runs`
      : `there is no run ${wanted}`,
    nextStep: several ? "give more of its id" : "aimie-console show @latest shows the last one",
  });
}
