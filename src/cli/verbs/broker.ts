import { defineVerb } from "../verb.ts";

/** Runs the private broker alone. */
export const brokerVerb = defineVerb({
  name: "broker",
  group: "the system",
  summary: "start (or find) the private broker and print its address",
  operands: "",
  count: [0, 0],
  flags: {},
  examples: [
    {
      line: "redis-cli -s $(aimie-console broker | sed s/unix://) PSUBSCRIBE 'task.*' 'result.*'",
      says: "look at the topics from outside while consoles use the broker",
    },
  ],
  async perform({ flags, config, output, signals }) {
    const { holdBroker } = await import("../hold-broker.ts");
    await holdBroker(config, flags.output, output, signals.first);
    return signals.exitCode() ?? 0;
  },
});
