/** Throws when a programmer's assumption does not hold: a bug, never a user's mistake. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`Bug: ${message}`);
}

/** Marks the end of an exhaustive switch; reaching it at run time is a bug. */
export function assertNever(value: never): never {
  throw new Error(`Bug: unexpected value ${JSON.stringify(value)}`);
}
