import { matchesGlob } from "./glob.ts";
import type { Protocol, Reply } from "./reply.ts";
import { encodeReply } from "./resp-writer.ts";

/** Whoever can be sent messages. */
export interface Subscriber {
  readonly protocol: Protocol;
  readonly channels: Set<string>;
  readonly patterns: Set<string>;
  sendEncoded(text: string): void;
}

/**
 * Who listens to what.
 *
 * Invariant: a subscriber is listed under a name exactly as long as the name is in its own set,
 * and a name nobody listens to is not listed.
 */
export class Subscriptions {
  private readonly channels = new Map<string, Set<Subscriber>>();
  private readonly patterns = new Map<string, Set<Subscriber>>();

  /** The number of patterns somebody listens to. */
  get patternCount(): number {
    return this.patterns.size;
  }

  /** The channels somebody listens to, by exact name. */
  activeChannels(): string[] {
    return [...this.channels.keys()];
  }

  /** How many listen to a channel by its exact name. */
  subscriberCount(channel: string): number {
    return this.channels.get(channel)?.size ?? 0;
  }

  /** Starts listening. */
  subscribe(subscriber: Subscriber, kind: "channels" | "patterns", name: string): void {
    subscriber[kind].add(name);
    const listeners = this[kind].get(name) ?? new Set();
    this[kind].set(name, listeners.add(subscriber));
  }

  /** Stops listening. */
  unsubscribe(subscriber: Subscriber, kind: "channels" | "patterns", name: string): void {
    subscriber[kind].delete(name);
    const listeners = this[kind].get(name);
    listeners?.delete(subscriber);
    if (listeners?.size === 0) this[kind].delete(name);
  }

  /** Stops listening to anything. */
  unsubscribeAll(subscriber: Subscriber): void {
    for (const name of [...subscriber.channels]) this.unsubscribe(subscriber, "channels", name);
    for (const name of [...subscriber.patterns]) this.unsubscribe(subscriber, "patterns", name);
  }

  /** Sends a message to all who listen; answers how many deliveries that made. */
  publish(channel: string, message: string): number {
    let deliveries = deliverTo(this.channels.get(channel), ["message", channel, message]);
    for (const [pattern, subscribers] of this.patterns) {
      if (!matchesGlob(pattern, channel)) continue;
      deliveries += deliverTo(subscribers, ["pmessage", pattern, channel, message]);
    }
    return deliveries;
  }
}

function deliverTo(subscribers: Iterable<Subscriber> | undefined, items: readonly Reply[]): number {
  if (subscribers === undefined) return 0;
  const encoded = new Map<Protocol, string>();
  let deliveries = 0;
  for (const subscriber of [...subscribers]) {
    const { protocol } = subscriber;
    const text = encoded.get(protocol) ?? encodeReply({ type: "push", items }, protocol);
    encoded.set(protocol, text);
    subscriber.sendEncoded(text);
    deliveries += 1;
  }
  return deliveries;
}
