/** The units of time a model may count in. */
const CALENDAR_UNITS: ReadonlySet<string> = new Set(
  "second minute hour day week month quarter year".split(" "),
);

/** The singular of a model's time unit when it is one of the calendar's; null for any other. */
export function calendarUnitOf(timeUnit: string): string | null {
  const singular = timeUnit
    .trim()
    .toLowerCase()
    .replace(/ (?:to|until|since|after|from) .*$/u, "") // "years to expiry" are years.
    .replace(/\(s\)$|s$/u, "");
  return CALENDAR_UNITS.has(singular) ? singular : null;
}

/** The words by which a question may speak of this run's time. */
export function timeWordsOf(timeUnit: string): ReadonlySet<string> {
  const unit = calendarUnitOf(timeUnit);
  return new Set(["time", "t", ...(unit === null ? [] : [unit, `${unit}s`])]);
}

/** Whether a word is a unit of time, of this run or not. */
export function isCalendarWord(word: string): boolean {
  return calendarUnitOf(word) !== null;
}
