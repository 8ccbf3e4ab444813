/** The messages that go there and back. */
import { createEnvelope } from "../../src/bus/create-envelope.ts";
import { parseMessage } from "../../src/protocol/parse-message.ts";
import { resultDataSchema, taskDataSchema } from "../../src/protocol/tasks.ts";

const sender = { config: { slot: "here:bench:0" } };

/** A task. */
export function task(trip) {
  const subject = `t${trip}.qna.1`;
  return JSON.stringify(
    createEnvelope(
      sender.config.slot,
      "task",
      { agent: "qna", input: { trip } },
      { id: subject, subject },
    ),
  );
}

/** The answer to a task, which is checked as a worker does. */
export function answerTo(text) {
  const message = parseMessage(text, taskDataSchema);
  if (!message.ok) throw new Error(message.error);
  const { subject } = message.value;
  const data = { status: "succeeded", output: null, worker: "w", startedAt: 1, finishedAt: 2 };
  return JSON.stringify(
    createEnvelope(sender.config.slot, "result", data, { id: `${subject}.result`, subject }),
  );
}

/** Checks an answer as the orchestrator does. */
export function readBack(text) {
  const message = parseMessage(text, resultDataSchema);
  if (!message.ok) throw new Error(message.error);
}
