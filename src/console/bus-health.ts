/** What the header says of the bus: how it is, since when, and what went wrong so far. */
import type { BusView } from "./console-state.ts";

/** Keeps the counts; they never go back. */
export class BusHealth {
  #health: BusView["health"] = "connecting";
  #since: number;
  #gaps = 0;
  #late = 0;
  #duplicate = 0;

  constructor(now: number) {
    this.#since = now;
  }

  /** Takes in how the bus is now. */
  become(health: BusView["health"], now: number): void {
    if (health === this.#health) return;
    this.#health = health;
    this.#since = now;
  }

  /** Counts events of a run that were missed and read again. */
  countGap(): void {
    this.#gaps += 1;
  }

  /** Counts a result that changed nothing. */
  countIgnored(reason: "late" | "duplicate" | "unknown"): void {
    if (reason === "duplicate") this.#duplicate += 1;
    else this.#late += 1;
  }

  /** The part of the picture that is known here. */
  view(): Pick<BusView, "health" | "healthSince" | "gaps" | "late" | "duplicate"> {
    return {
      health: this.#health,
      healthSince: this.#since,
      gaps: this.#gaps,
      late: this.#late,
      duplicate: this.#duplicate,
    };
  }
}
