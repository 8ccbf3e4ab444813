import type { Client } from "./client.ts";

/**
 * Sends what clients are to be told, once in each tick of the event loop.
 *
 * Invariants:
 * 1. Nothing is sent before `keep` has put the changes of the tick into the log.
 * 2. Whoever made a change that could not be kept is cut instead of answered: nothing else is true,
 *    neither that it was made nor that it was not.
 */
export class OutputTick {
  private readonly keep: () => boolean;
  private readonly waiting = new Set<Client>();
  private readonly authors = new Set<Client>();
  private hasChanges = false;
  private scheduled: NodeJS.Immediate | undefined;

  constructor(keep: () => boolean) {
    this.keep = keep;
  }

  /** Says that a client has something to be sent. */
  add(client: Client): void {
    this.waiting.add(client);
    this.schedule();
  }

  /** Says that a change is to be kept, and who made it. */
  addChange(author: Client | undefined): void {
    this.hasChanges = true;
    if (author !== undefined) this.authors.add(author);
    this.schedule();
  }

  /** Ends the tick now. */
  end(): void {
    if (this.scheduled !== undefined) clearImmediate(this.scheduled);
    this.scheduled = undefined;
    if (this.hasChanges && !this.keep()) for (const author of this.authors) author.close();
    this.hasChanges = false;
    this.authors.clear();
    for (const client of this.waiting) client.flush();
    this.waiting.clear();
  }

  private schedule(): void {
    this.scheduled ??= setImmediate(() => this.end());
  }
}
