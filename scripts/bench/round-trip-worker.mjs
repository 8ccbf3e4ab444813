/** The far end of a round trip: answers what comes, the way it is told. */
import { Redis } from "ioredis";
import { openConnection } from "../../src/bus/connection.ts";
import { publish, subscribe } from "../../src/bus/pubsub.ts";
import { consumeTasks } from "../../src/bus/task-queue.ts";
import { namesOf } from "../../src/protocol/names.ts";
import { answerTo } from "./round-trip-messages.mjs";

const names = namesOf("default");

const WAYS = {
  async "Pub/Sub, bare ioredis"(path) {
    const sender = new Redis({ path });
    const listener = new Redis({ path });
    listener.on("message", (_, text) => sender.publish("back", text));
    await listener.subscribe("there");
  },
  async "Pub/Sub, ours"(path) {
    const sender = openConnection({ kind: "unix", path }, "command");
    const listener = openConnection({ kind: "unix", path }, "subscriber");
    await subscribe(listener, names, ["task.qna"], ({ text }) => {
      void publish(sender, names, { topic: "result.qna", text: answerTo(text) });
    });
  },
  async "stream, bare ioredis"(path) {
    const sender = new Redis({ path });
    const reader = new Redis({ path });
    await reader.xgroup("CREATE", "there", "g", "0", "MKSTREAM");
    const read = async () => {
      for (;;) {
        const [[, entries]] = await reader.xreadgroup(
          ...["GROUP", "g", "c", "COUNT", 1, "BLOCK", 0, "STREAMS", "there", ">"],
        );
        for (const [id, [, text]] of entries) {
          const answer = sender.pipeline().xadd("back", "*", "d", text);
          await answer.xack("there", "g", id).xdel("there", id).exec();
        }
      }
    };
    void read();
  },
  async "stream, ours"(path) {
    const connect = (role) => openConnection({ kind: "unix", path }, role);
    const own = { names, agent: "qna", slot: "there:qna:0", command: connect("command") };
    void consumeTasks({
      ...own,
      blocking: connect("blocking"),
      leases: { hold: () => () => undefined, close: async () => undefined },
      leaseMs: 30_000,
      signal: new AbortController().signal,
      onTask: async ({ text, complete }) => {
        const { taskId, result } = { taskId: JSON.parse(text).subject, result: answerTo(text) };
        await complete({ taskId, result, awaited: true });
      },
      onProblem: (cause) => process.stderr.write(`${cause}\n`),
    });
  },
};

process.once("disconnect", () => process.exit(0));
process.once("message", async ({ path, way }) => {
  await WAYS[way](path);
  process.send("ready");
});
