/** How often a condition is looked at, milliseconds. */
const LOOK_EVERY_MS = 10;

/** How long a condition may stay away before the test fails, milliseconds. */
const LONGEST_WAIT_MS = 40_000;

/** Waits until `read` gives something and answers it; `what` names it should it never come. */
export async function waitUntil<Value>(
  what: string,
  read: () => Value | undefined | false | Promise<Value | undefined | false>,
): Promise<Value> {
  const deadline = Date.now() + LONGEST_WAIT_MS;
  while (Date.now() < deadline) {
    const value = await read();
    if (value !== undefined && value !== false) return value;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  throw new Error(`waited in vain until ${what}`);
}
