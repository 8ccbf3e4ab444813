import { type Call, type CommandTable, container } from "../command.ts";
import { matchesGlob } from "../glob.ts";
import { NO_REPLY, type Reply } from "../reply.ts";

/** Publish and subscribe. */
export const pubsubCommands: CommandTable = {
  subscribe: { arity: -2, flags: ["pubsub", "noscript"], run: listen("channels", "subscribe") },
  psubscribe: { arity: -2, flags: ["pubsub", "noscript"], run: listen("patterns", "psubscribe") },
  unsubscribe: { arity: -1, flags: ["pubsub", "noscript"], run: leave("channels", "unsubscribe") },
  punsubscribe: {
    arity: -1,
    flags: ["pubsub", "noscript"],
    run: leave("patterns", "punsubscribe"),
  },
  publish: {
    arity: 3,
    flags: ["pubsub", "fast"],
    run: ({ broker }, [channel = "", message = ""]) =>
      broker.subscriptions.publish(channel, message),
  },
  pubsub: {
    arity: -2,
    flags: ["pubsub"],
    run: container("pubsub", {
      channels: {
        arity: -2,
        usage: "[<pattern>]",
        run: ({ broker }, [pattern = "*"]) =>
          broker.subscriptions.activeChannels().filter((name) => matchesGlob(pattern, name)),
      },
      numsub: {
        arity: -2,
        usage: "[<channel> ...]",
        run: ({ broker }, names) =>
          names.flatMap((name) => [name, broker.subscriptions.subscriberCount(name)]),
      },
      numpat: { arity: 2, usage: "", run: ({ broker }) => broker.subscriptions.patternCount },
    }),
  },
};

type Kind = "channels" | "patterns";

function confirm({ client }: Call, word: string, name: string | null): void {
  const items: Reply[] = [word, name, client.subscriptionCount];
  client.send({ type: "push", items });
}

function listen(kind: Kind, word: string) {
  return (call: Call, names: readonly string[]): Reply => {
    for (const name of names) {
      call.broker.subscriptions.subscribe(call.client, kind, name);
      confirm(call, word, name);
    }
    return NO_REPLY;
  };
}

function leave(kind: Kind, word: string) {
  return (call: Call, names: readonly string[]): Reply => {
    const left = names.length > 0 ? names : [...call.client[kind]];
    for (const name of left) {
      call.broker.subscriptions.unsubscribe(call.client, kind, name);
      confirm(call, word, name);
    }
    if (left.length === 0) confirm(call, word, null);
    return NO_REPLY;
  };
}
