import { z } from "zod";
import { flag } from "../flag.ts";
import { defineVerb } from "../verb.ts";

/** Watches the topics. */
export const topicsVerb = defineVerb({
  name: "topics",
  group: "the system",
  summary: "every topic with its rate, or with -f each message as it comes",
  operands: "",
  count: [0, 0],
  details: [
    "--async-api prints the AsyncAPI document of all topics, those of your own agents with the schemas of\ntheir manifests: as YAML, or with --output json as JSON. Nothing is started for it.",
  ],
  flags: {
    asyncApi: flag(
      { kind: "switch", says: "print the AsyncAPI document of all topics" },
      z.boolean().default(false),
    ),
    follow: flag(
      { kind: "switch", short: "f", says: "show every message until interrupted" },
      z.boolean().default(false),
    ),
    seconds: flag(
      { kind: "text", placeholder: "SECONDS", says: "how long to count; default 3" },
      z.coerce
        .number("--seconds is a number")
        .min(0.1, "--seconds is at least 0.1")
        .max(3600, "--seconds is at most 3600")
        .default(3),
    ),
  },
  examples: [
    { line: "aimie-console topics", says: "what goes over the bus within three seconds" },
    {
      line: "aimie-console topics --async-api > asyncapi.yaml",
      says: "all topics and messages, for tools that read AsyncAPI",
    },
    {
      line: "aimie-console topics -f --output jsonl | jq -r 'select(.problem) | .topic'",
      says: "topics with messages that cannot be used",
    },
  ],
  async perform({ flags, config, output, signals }) {
    const { follow, seconds, asyncApi, output: form } = flags;
    if (asyncApi) {
      (await import("../print-async-api.ts")).printAsyncApi(config, form, output);
      return 0;
    }
    const wish = { form, follow, seconds, until: signals.first };
    await (await import("../watch-topics.ts")).watchTopics(config, wish, output);
    return signals.exitCode() ?? 0;
  },
});
