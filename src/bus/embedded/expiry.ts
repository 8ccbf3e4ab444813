import { parseInteger } from "./arguments.ts";
import { CommandError } from "./reply.ts";

/** How a time is given: seconds or milliseconds, from now or since the epoch. */
export type ExpiryUnit = "EX" | "PX" | "EXAT" | "PXAT";

/** Milliseconds since the epoch of a time to live, which must be above zero. */
export function absoluteExpiry(
  unit: ExpiryUnit,
  text: string,
  now: number,
  command: string,
): number {
  if (parseInteger(text) <= 0) throw invalidExpiry(command);
  return expiryTime(unit, text, now, command);
}

/** The same for the EXPIRE family, which takes past times too. */
export function expiryTime(unit: ExpiryUnit, text: string, now: number, command: string): number {
  const scaled = parseInteger(text) * (unit.startsWith("EX") ? 1000 : 1);
  const time = unit.endsWith("AT") ? scaled : now + scaled;
  if (Math.abs(scaled) >= 2 ** 63 || time >= 2 ** 63) throw invalidExpiry(command);
  return time;
}

function invalidExpiry(command: string): CommandError {
  return new CommandError(`ERR invalid expire time in '${command}' command`);
}
