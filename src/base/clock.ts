/** Stops a timer; calling it again does nothing. */
export type CancelTimer = () => void;

/** The passage of time, as a port: the system clock in a process, a hand-driven one in a test. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Calls `callback` once after `delayMs`; the timer alone does not keep a process alive. */
  after(delayMs: number, callback: () => void): CancelTimer;
}

/** The clock of this machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
