/** What the doctor found of one thing. */
export interface Finding {
  readonly area:
    | "bus"
    | "folders"
    | "sessions"
    | "workers"
    | "processes"
    | "model"
    | "programs"
    | "terminal"
    | "system";
  readonly verdict: "ok" | "warn" | "fail";
  readonly text: string;
  /** What to do about it; null when nothing is to be done. */
  readonly remedy: string | null;
}

type Verdict = (area: Finding["area"], text: string, remedy?: string) => Finding;

/** Nothing is to be done. */
export const fine: Verdict = (area, text) => ({ area, verdict: "ok", text, remedy: null });

/** It works, but not as well as it could. */
export const warn: Verdict = (area, text, remedy) => {
  return { area, verdict: "warn", text, remedy: remedy ?? null };
};

/** Something will not work. */
export const fail: Verdict = (area, text, remedy) => {
  return { area, verdict: "fail", text, remedy: remedy ?? null };
};
