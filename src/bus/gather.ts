/** How much goes together at most. */
export interface GatherLimits {
  readonly items: number;
  /** Of their texts; one item alone may be larger. */
  readonly characters: number;
}

/** One transition for several at once: what it costs besides is shared. */
export const TOGETHER: GatherLimits = { items: 32, characters: 1024 * 1024 };

/**
 * Gathers what is handed over in one turn of the event loop and sends it together, without making
 * anybody wait. `send` answers in order; a rejection of it goes to every item of its batch, a
 * promise among the answers to its own item only.
 */
export function gather<Item, Answer>(
  limits: GatherLimits,
  charactersOf: (item: Item) => number,
  send: (items: readonly Item[]) => Promise<readonly (Answer | Promise<Answer>)[]>,
): (item: Item) => Promise<Answer> {
  interface Waiting {
    readonly item: Item;
    resolve(answer: Answer | Promise<Answer>): void;
    reject(cause: unknown): void;
  }
  let batch: Waiting[] = [];
  let characters = 0;
  const flush = (): void => {
    const sent = batch;
    batch = [];
    characters = 0;
    if (sent.length === 0) return;
    send(sent.map(({ item }) => item)).then(
      (answers) => {
        for (const [index, { resolve, reject }] of sent.entries()) {
          const answer = answers[index];
          if (answer === undefined) reject(new Error("Bug: a batch was not answered as a whole"));
          else resolve(answer);
        }
      },
      (cause: unknown) => {
        for (const { reject } of sent) reject(cause);
      },
    );
  };
  return (item) =>
    new Promise((resolve, reject) => {
      const size = charactersOf(item);
      if (batch.length >= limits.items || characters + size > limits.characters) flush();
      if (batch.length === 0) process.nextTick(flush);
      batch.push({ item, resolve, reject });
      characters += size;
    });
}
