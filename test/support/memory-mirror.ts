import type { SessionId } from "../../src/protocol/ids.ts";
import type { MirrorPort } from "../../src/session/mirror.ts";

/** A mirror in memory that keeps the port's promises; several stores can share it. */
export class MemoryMirror implements MirrorPort {
  readonly headers = new Map<SessionId, string>();
  readonly #logs = new Map<SessionId, Map<string, string>>();
  readonly #deleted = new Map<SessionId, string>();
  readonly #changed = new Map<SessionId, number>();
  #changes = 0;

  /** Loses everything, as a Redis without a disk does. */
  lose(): void {
    for (const map of [this.headers, this.#logs, this.#deleted, this.#changed]) map.clear();
    this.#changes = 0;
  }

  /** The texts of a session's copy. */
  textsOf(sessionId: SessionId): readonly string[] {
    return [...(this.#logs.get(sessionId)?.values() ?? [])];
  }

  /** Puts a text into a copy that no console would. */
  spoil(sessionId: SessionId, text: string): void {
    this.#take(sessionId, `spoilt ${text}`, text);
  }

  async changes(beyond: number): Promise<{ sessionIds: SessionId[]; upTo: number }> {
    const changed = [...this.#changed].filter(([, change]) => change > beyond);
    return { sessionIds: changed.map(([sessionId]) => sessionId), upTo: this.#changes };
  }
  async read(
    sessionId: SessionId,
    after: string | undefined,
  ): Promise<{ texts: readonly string[]; place: string }> {
    const from = Number(after ?? 0);
    const texts = this.textsOf(sessionId).slice(from, from + 2);
    return { texts, place: String(from + texts.length) };
  }
  async removal(sessionId: SessionId): Promise<string | undefined> {
    return this.#deleted.get(sessionId);
  }
  async putHeader(sessionId: SessionId, json: string): Promise<void> {
    this.headers.set(sessionId, json);
  }
  async append(sessionId: SessionId, entryId: string, json: string): Promise<void> {
    if (!this.#deleted.has(sessionId)) this.#take(sessionId, entryId, json);
  }
  async remove(sessionId: SessionId, json: string): Promise<void> {
    this.#logs.delete(sessionId);
    this.headers.delete(sessionId);
    if (this.#deleted.has(sessionId)) return;
    this.#deleted.set(sessionId, json);
    this.#touch(sessionId);
  }

  #take(sessionId: SessionId, entryId: string, json: string): void {
    const log = this.#logs.get(sessionId) ?? new Map<string, string>();
    this.#logs.set(sessionId, log);
    if (log.has(entryId)) return;
    log.set(entryId, json);
    this.#touch(sessionId);
  }
  #touch(sessionId: SessionId): void {
    this.#changes += 1;
    this.#changed.set(sessionId, this.#changes);
  }
}
