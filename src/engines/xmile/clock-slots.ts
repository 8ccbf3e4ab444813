/** The slots that hold the time; the model's quantities follow at `first`. */
export const CLOCK = {
  time: 0,
  timeStep: 1,
  startTime: 2,
  stopTime: 3,
  /** The time at which the current step began: it stands still while RK4 tries later times. */
  stepTime: 4,
  first: 5,
} as const;
