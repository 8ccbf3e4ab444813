import { OperatorError } from "../base/operator-error.ts";
import type { Command } from "../protocol/commands.ts";
import { commandSchema } from "../protocol/commands.ts";
import { MAXIMUM_MESSAGE_BYTES } from "../protocol/envelope.ts";
import type { Names } from "../protocol/names.ts";
import type { RedisConnection } from "./connection.ts";
import { gather, TOGETHER } from "./gather.ts";
import { runScript } from "./run-script.ts";
import { enqueueScript } from "./scripts/enqueue.ts";

/**
 * A command as it goes over the bus.
 * @throws OperatorError `usage` when it is larger than a message may be.
 */
export function encodeCommand(command: Command): string {
  const text = JSON.stringify(commandSchema.parse(command));
  if (Buffer.byteLength(text) <= MAXIMUM_MESSAGE_BYTES) return text;
  throw new OperatorError({
    code: "usage",
    message: `the request is larger than ${MAXIMUM_MESSAGE_BYTES / 1024} KiB`,
    nextStep: "use a smaller flow or model file",
  });
}

/** Hands an operator's command to the orchestrator, once however often it is sent. */
export async function sendCommand(
  connection: RedisConnection,
  names: Names,
  command: Command,
): Promise<void> {
  const text = encodeCommand(command);
  await senderOf(connection, names)({ text, seenKey: names.seenKey(command.commandId) });
}

interface EncodedCommand {
  readonly text: string;
  readonly seenKey: string;
}

type SendTogether = (command: EncodedCommand) => Promise<true>;

const senders = new WeakMap<RedisConnection, Map<string, SendTogether>>();

/** Commands sent over one connection in one turn of the event loop go in one script call. */
function senderOf(connection: RedisConnection, { commandStream }: Names): SendTogether {
  const known = senders.get(connection) ?? new Map<string, SendTogether>();
  senders.set(connection, known);
  const send =
    known.get(commandStream) ??
    gather(
      TOGETHER,
      ({ text }: EncodedCommand) => text.length,
      async (commands) => {
        const keys = [commandStream, ...commands.map(({ seenKey }) => seenKey)];
        const texts = commands.map(({ text }) => text);
        await runScript(connection, enqueueScript, keys, texts);
        return commands.map(() => true as const);
      },
    );
  known.set(commandStream, send);
  return send;
}
