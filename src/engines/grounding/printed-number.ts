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
