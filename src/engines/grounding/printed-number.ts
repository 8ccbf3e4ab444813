/** A number of a text. */
export interface PrintedNumber {
  /** As it stands there. */
  readonly text: string;
  /** NaN when it cannot be read. */
  readonly value: number;
  /** Half of what one more in the last printed digit would be worth. */
  readonly halfUnit: number;
  readonly isPercent: boolean;
}

/** What is left of a text, and the numbers that were taken out of it. */
export type Taken = readonly [rest: string, found: readonly PrintedNumber[]];

/** The named groups of a match. */
export type Groups = Readonly<Record<string, string | undefined>>;

/** Takes what matches out of a text, so that a part of it is not read again as something else. */
export function take(
  text: string,
  pattern: RegExp,
  read: (found: string, groups: Groups) => PrintedNumber,
): Taken {
  const found = [...text.matchAll(pattern)].map(({ 0: all, groups = {} }) => read(all, groups));
  return [text.replace(pattern, " · "), found];
}
