/** `topics`: what goes over every topic, counted for a while or shown as it comes. */
import { openConnection } from "../bus/connection.ts";
import { subscribe } from "../bus/pubsub.ts";
import { ownAgents } from "../console/catalogue.ts";
import type { TopicView } from "../console/console-state.ts";
import { TopicMonitor } from "../console/topic-monitor.ts";
import { namesOf, TOPIC_PATTERNS, topicNames } from "../protocol/names.ts";
import { escapeText } from "../ui/escape-text.ts";
import type { Config } from "./config.ts";
import type { OutputForm } from "./flag.ts";
import { catalogueFolders, openBus } from "./open-console.ts";
import type { Output } from "./output.ts";

/** What is to be watched, and for how long. */
export interface TopicWish {
  readonly form: OutputForm;
  /** Show every message until interrupted, instead of counting. */
  readonly follow: boolean;
  readonly seconds: number;
  readonly until: AbortSignal;
}

/** Characters of a message shown in a line of text. */
const SHOWN_CHARACTERS = 160;

/** Watches the topics and prints what was seen. */
export async function watchTopics(config: Config, wish: TopicWish, output: Output): Promise<void> {
  const bus = await openBus(config, (message) => output.err(message));
  const connection = openConnection(bus.address, "subscriber");
  const monitor = new TopicMonitor();
  monitor.expect(topicNames(ownAgents(catalogueFolders(config))));
  const { form, follow, seconds, until } = wish;
  try {
    await subscribe(connection, namesOf(config.namespace.value), TOPIC_PATTERNS, (message) => {
      const at = Date.now();
      const problem = monitor.observe(message.topic, message.text, at);
      if (!follow) return;
      if (form !== "text") {
        output.out(JSON.stringify({ type: "message", at, ...message, problem }));
        return;
      }
      const time = new Date(at).toISOString().slice(11, 23);
      const mark = problem === null ? "" : `✗ ${problem}: `;
      const text = `${mark}${message.text.slice(0, SHOWN_CHARACTERS)}`;
      output.out(escapeText(`${time} ${message.topic.padEnd(18)} ${text}`));
    });
    const end = follow ? until : AbortSignal.any([until, AbortSignal.timeout(seconds * 1000)]);
    if (!end.aborted) {
      await new Promise<void>((resolve) => end.addEventListener("abort", () => resolve()));
    }
  } finally {
    connection.disconnect();
  }
  if (!follow) report(monitor.views(Date.now()), wish, output);
}

function report(views: readonly TopicView[], { form, seconds }: TopicWish, output: Output): void {
  const rows = views.map(({ topic, count, unparsable, lastAt }) => ({
    topic,
    count,
    perSecond: Math.round((count / seconds) * 100) / 100,
    unparsable,
    lastAt,
  }));
  if (form === "json") output.out(JSON.stringify(rows));
  if (form === "jsonl") for (const row of rows) output.out(JSON.stringify(row));
  if (form !== "text") return;
  for (const { topic, count, perSecond, unparsable } of rows) {
    const bad = unparsable === 0 ? "" : `  ✗${unparsable} unusable`;
    const line = `${topic.padEnd(20)} ${String(count).padStart(6)}  ${perSecond.toFixed(2)}/s${bad}`;
    output.out(escapeText(line));
  }
}
