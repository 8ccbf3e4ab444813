/**
 * What the operator wrote and no run has come of: it is offered again when the same is edited.
 *
 * D1 A text is kept from when it was written until its run has begun or it was thrown away.
 * D2 The oldest texts go first; they live as long as the screen.
 */
import type { DraftPlace } from "./model/draft-place.ts";

/** Texts kept at most (D2). */
const MAXIMUM_DRAFTS = 20;

/** Keeps texts by what they are about. */
export class EditDrafts {
  readonly #texts = new Map<string, string>();

  /** The text written before; undefined when there is none. */
  of(place: DraftPlace): string | undefined {
    return this.#texts.get(keyOf(place));
  }

  /** Keeps a text (D1). */
  keep(place: DraftPlace, text: string): void {
    const key = keyOf(place);
    this.#texts.delete(key);
    this.#texts.set(key, text);
    const [oldest] = this.#texts.keys();
    if (this.#texts.size > MAXIMUM_DRAFTS && oldest !== undefined) this.#texts.delete(oldest);
  }

  /** Lets a text go. */
  drop(place: DraftPlace): void {
    this.#texts.delete(keyOf(place));
  }
}

function keyOf({ runId, stepKey, part }: DraftPlace): string {
  return `${runId} ${stepKey} ${part}`;
}
