/** Counts what goes over every topic, and keeps the newest messages. */
import { MAXIMUM_MESSAGE_BYTES } from "../protocol/envelope.ts";
import { MAXIMUM_READ_PER_SECOND } from "../protocol/limits.ts";
import type { TopicName } from "../protocol/names.ts";
import { TOPIC_NAMES } from "../protocol/names.ts";
import { parseMessage } from "../protocol/parse-message.ts";
import { schemaOfTopic } from "../protocol/topics.ts";
import type { TopicMessage, TopicView } from "./console-state.ts";
import { Ring } from "./ring.ts";

/** Messages kept, over all topics. */
const KEPT_MESSAGES = 5000;

/** Characters kept of a message for the list. */
const KEPT_CHARACTERS = 8192;

/** Topics counted apart; the rest is counted under `(others)`. */
const MAXIMUM_TOPICS = 200;

/** Seconds the rate looks back. */
const RATE_SECONDS = 30;

interface Traffic {
  count: number;
  unparsable: number;
  lastAt: number | null;
  lastText: string;
  perSecond: number[];
  second: number;
}

/** Watches topics; `observe` is cheap, `views` makes the picture. */
export class TopicMonitor {
  readonly messages = new Ring<TopicMessage>(KEPT_MESSAGES);
  #traffic = new Map<string, Traffic>();
  unparsable = 0;

  constructor() {
    this.expect(TOPIC_NAMES);
  }

  /** Lists these topics first, also while nothing has come over them. */
  expect(topics: readonly TopicName[]): void {
    const expected = topics.map((topic): readonly [string, Traffic] => [
      topic,
      this.#traffic.get(topic) ?? newTraffic(),
    ]);
    this.#traffic = new Map<string, Traffic>([...expected, ...this.#traffic]);
  }

  /**
   * Whether more comes over a topic than is worth reading; the message is then counted and no more.
   * Events of runs are always read: a console follows its runs by them.
   */
  isFlooded(topic: string, at: number): boolean {
    if (topic === "event.run") return false;
    const traffic = this.#trafficOf(topic);
    advance(traffic, at);
    const inThisSecond = traffic.perSecond[RATE_SECONDS - 1] ?? 0;
    if (inThisSecond < MAXIMUM_READ_PER_SECOND) return false;
    traffic.perSecond[RATE_SECONDS - 1] = inThisSecond + 1;
    traffic.count += 1;
    traffic.lastAt = at;
    return true;
  }

  /** Takes in a message; answers why it cannot be used, or null. */
  observe(topic: string, text: string, at: number): string | null {
    const problem = problemOf(topic, text);
    const traffic = this.#trafficOf(topic);
    advance(traffic, at);
    traffic.count += 1;
    traffic.perSecond[RATE_SECONDS - 1] = (traffic.perSecond[RATE_SECONDS - 1] ?? 0) + 1;
    traffic.lastAt = at;
    // A slice would hold on to the whole text it was cut from.
    const isLong = text.length > KEPT_CHARACTERS;
    const kept = isLong ? Buffer.from(text.slice(0, KEPT_CHARACTERS)).toString() : text;
    traffic.lastText = kept;
    if (problem !== null) {
      traffic.unparsable += 1;
      this.unparsable += 1;
    }
    this.messages.push({ at, topic, text: kept, problem });
    return problem;
  }

  /** The picture of all topics at time `at`. */
  views(at: number): readonly TopicView[] {
    return [...this.#traffic].map(([topic, traffic]) => {
      advance(traffic, at);
      const { count, unparsable, lastAt, lastText, perSecond } = traffic;
      return { topic, count, unparsable, lastAt, lastText, perSecond: [...perSecond] };
    });
  }

  #trafficOf(topic: string): Traffic {
    const name =
      this.#traffic.has(topic) || this.#traffic.size < MAXIMUM_TOPICS ? topic : "(others)";
    const known = this.#traffic.get(name);
    if (known !== undefined) return known;
    const fresh = newTraffic();
    this.#traffic.set(name, fresh);
    return fresh;
  }
}

function newTraffic(): Traffic {
  return {
    count: 0,
    unparsable: 0,
    lastAt: null,
    lastText: "",
    perSecond: new Array<number>(RATE_SECONDS).fill(0),
    second: 0,
  };
}

function advance(traffic: Traffic, at: number): void {
  const second = Math.floor(at / 1000);
  const passed = Math.min(RATE_SECONDS, second - traffic.second);
  for (let left = passed; left > 0; left -= 1) {
    traffic.perSecond.shift();
    traffic.perSecond.push(0);
  }
  traffic.second = second;
}

function problemOf(topic: string, text: string): string | null {
  if (text.length > MAXIMUM_MESSAGE_BYTES) return `longer than ${MAXIMUM_MESSAGE_BYTES} bytes`;
  const schema = schemaOfTopic(topic);
  if (schema === undefined) return "not a topic of ours";
  const parsed = parseMessage(text, schema);
  return parsed.ok ? null : parsed.error;
}
