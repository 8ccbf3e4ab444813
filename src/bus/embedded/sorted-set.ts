/** A member with its score. */
export interface Scored {
  readonly member: string;
  readonly score: number;
}

/**
 * A sorted set.
 *
 * Invariant: `scores` and `order` hold the same members; `order` ascends by score, then by bytes.
 */
export class SortedSet {
  readonly type = "zset";
  private readonly scores = new Map<string, number>();
  private readonly order: Scored[] = [];

  /** How many members there are. */
  get size(): number {
    return this.order.length;
  }

  /** The score of a member. */
  score(member: string): number | undefined {
    return this.scores.get(member);
  }

  /** Adds a member or moves it. */
  set(member: string, score: number): void {
    this.delete(member);
    const scored = { member, score };
    this.order.splice(this.position(scored), 0, scored);
    this.scores.set(member, score);
  }

  /** Takes a member away; answers whether it was there. */
  delete(member: string): boolean {
    const score = this.scores.get(member);
    if (score === undefined) return false;
    this.order.splice(this.position({ member, score }), 1);
    return this.scores.delete(member);
  }

  /** The rank of a member, from 0 for the lowest. */
  rank(member: string): number | undefined {
    const score = this.scores.get(member);
    return score === undefined ? undefined : this.position({ member, score });
  }

  /** The members from one rank up to, not including, another. */
  slice(start: number, end: number): Scored[] {
    return this.order.slice(start, end);
  }

  /** The number of members below the limit; `inclusive` counts those at it as below. */
  countBelow(limit: number, inclusive: boolean): number {
    let low = 0;
    let high = this.order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const score = this.order[middle]?.score ?? 0;
      if (score < limit || (inclusive && score === limit)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private position(target: Scored): number {
    let low = 0;
    let high = this.order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const scored = this.order[middle];
      if (scored !== undefined && isBefore(scored, target)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function isBefore(left: Scored, right: Scored): boolean {
  return left.score === right.score ? left.member < right.member : left.score < right.score;
}
