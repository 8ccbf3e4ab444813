/** The public face of the bus: topics as Pub/Sub channels. Delivery is at most once. */
import type { Names } from "../protocol/names.ts";
import type { RedisConnection } from "./connection.ts";

/** A message as it arrived; `topic` is the channel without its namespace. */
export interface TopicText {
  readonly topic: string;
  readonly text: string;
}

/** Publishes a message that is not durable; answers how many were listening. */
export async function publish(
  connection: RedisConnection,
  names: Names,
  message: TopicText,
): Promise<number> {
  return await connection.publish(names.channel(message.topic), message.text);
}

/** Listens to topics, or to patterns of topics such as `task.*`; survives reconnections. */
export async function subscribe(
  connection: RedisConnection,
  names: Names,
  patterns: readonly string[],
  onMessage: (message: TopicText) => void,
): Promise<void> {
  connection.on("pmessage", (_pattern: string, channel: string, text: string) => {
    const topic = names.topicOf(channel);
    if (topic !== undefined) onMessage({ topic, text });
  });
  await connection.psubscribe(...patterns.map((pattern) => names.channel(pattern)));
}
