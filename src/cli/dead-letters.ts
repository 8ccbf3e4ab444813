/** `dead-letters`: messages that were set aside, listed, replayed, dropped. */
import { OperatorError } from "../base/operator-error.ts";
import { encodeCommand } from "../bus/commands.ts";
import type { RedisConnection } from "../bus/connection.ts";
import { openConnection } from "../bus/connection.ts";
import type { DeadLetter } from "../bus/dead-letters.ts";
import { dropLetter, exchangeLetter, findLetter, listLetters } from "../bus/dead-letters.ts";
import { runIdSchema, TASK_AGENT_NAMES, taskAgentNameSchema } from "../protocol/ids.ts";
import type { Names } from "../protocol/names.ts";
import { namesOf } from "../protocol/names.ts";
import { parseMessage } from "../protocol/parse-message.ts";
import { taskDataSchema } from "../protocol/tasks.ts";
import { escapeText } from "../ui/escape-text.ts";
import type { Config } from "./config.ts";
import type { OutputForm } from "./flag.ts";
import { openBus } from "./open-console.ts";
import type { Output } from "./output.ts";

/** Letters listed at most. */
const LISTED = 200;

/** Characters of a text shown to people. */
const SHOWN = 100;

/** What is asked for. */
interface Wish {
  readonly output: OutputForm;
  readonly replay?: string | undefined;
  readonly drop?: string | undefined;
}

/** Does one thing with the dead letters. */
export async function showDeadLetters(config: Config, wish: Wish, output: Output): Promise<void> {
  const bus = await openBus(config, (message) => output.err(message));
  const connection = openConnection(bus.address, "command");
  const names = namesOf(config.namespace.value);
  try {
    if (wish.replay !== undefined) {
      const target = await replayLetter(connection, names, wish.replay);
      const done = { replayed: wish.replay, as: target };
      output.out(wish.output === "text" ? `replayed as ${target}` : JSON.stringify(done));
    } else if (wish.drop !== undefined) {
      if (!(await dropLetter(connection, names, wish.drop))) throw noLetter(wish.drop);
      output.out(wish.output === "text" ? "dropped" : JSON.stringify({ dropped: wish.drop }));
    } else {
      print(await listLetters(connection, names, LISTED), wish.output, output);
    }
  } finally {
    connection.disconnect();
  }
}

/** Replays a letter; answers as what. */
async function replayLetter(
  connection: RedisConnection,
  names: Names,
  id: string,
): Promise<string> {
  const letter = await findLetter(connection, names, id);
  if (letter === undefined) throw noLetter(id);
  const rerun = rerunOf(names, letter);
  const stream = rerun === undefined ? streamOf(names, letter.origin) : names.commandStream;
  if (stream === undefined) {
    throw new OperatorError({
      code: "usage",
      message: `what came through ${escapeText(letter.origin)} cannot be replayed`,
      nextStep: `drop it with --drop ${id}`,
    });
  }
  const text = rerun?.text ?? letter.text;
  if (!(await exchangeLetter(connection, names, id, { stream, text }))) throw noLetter(id);
  return rerun?.told ?? `a message of ${stream}`;
}

/** A task whose attempt is closed is of no use any more: its step is done again instead. */
function rerunOf(
  names: Names,
  letter: DeadLetter,
): { readonly text: string; readonly told: string } | undefined {
  const message = parseMessage(letter.text, taskDataSchema);
  if (!message.ok || letter.origin !== names.taskStream(message.value.data.agent)) return undefined;
  const { runid, stepid } = message.value;
  const runId = runIdSchema.safeParse(runid);
  if (!runId.success || stepid === undefined) return undefined;
  const commandId = `replay.${letter.id}`;
  return {
    text: encodeCommand({ type: "rerun-step", commandId, runId: runId.data, stepKey: stepid }),
    told: `a rerun of ${stepid} in ${runId.data}`,
  };
}

/** The stream to put a message back into. */
function streamOf(names: Names, origin: string): string | undefined {
  const streams = [
    names.resultStream,
    names.commandStream,
    ...TASK_AGENT_NAMES.map((agent) => names.taskStream(agent)),
  ];
  if (streams.includes(origin)) return origin;
  const [kind, name] = origin.split(".");
  const agent = taskAgentNameSchema.safeParse(name);
  if (!agent.success) return undefined;
  return kind === "result" ? names.resultStream : names.taskStream(agent.data);
}

function print(letters: readonly DeadLetter[], form: OutputForm, output: Output): void {
  if (form === "json") {
    output.out(JSON.stringify(letters));
    return;
  }
  if (form === "jsonl") {
    for (const letter of letters) output.out(JSON.stringify(letter));
    return;
  }
  if (letters.length === 0) output.out("no dead letters");
  for (const { id, origin, reason, text } of letters) {
    output.out(`${id}  ${escapeText(origin)}: ${escapeText(reason)}`);
    output.out(`  ${escapeText(text.slice(0, SHOWN))}`);
  }
}

function noLetter(id: string): OperatorError {
  return new OperatorError({
    code: "usage",
    message: `there is no dead letter ${id}`,
    nextStep: "list them with aimie-console dead-letters",
  });
}
