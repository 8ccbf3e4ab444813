import { assertNever } from "../../base/assert.ts";
import type { ScriptValue } from "../scripts/script.ts";
import type { Call } from "./command.ts";
import { CommandError, isReplyArray, type Reply, type ShapedReply } from "./reply.ts";
import { formatDouble } from "./resp-writer.ts";
import type { KnownScript } from "./script-library.ts";

/**
 * Runs the TypeScript twin of a script, as Redis runs the Lua text: nothing else happens meanwhile,
 * an error of a command ends it (what it has written stays), and it sees RESP2 shapes. Keys,
 * arguments and results are byte strings: one character per byte, so UTF-8 passes untouched.
 */
export function runScript(
  call: Call,
  { sha, script }: KnownScript,
  keys: readonly string[],
  argv: readonly string[],
): Reply {
  const inner: Call = { ...call, protocol: 2, mayBlock: false };
  const run = (command: string, args: readonly (string | number)[]): ScriptValue => {
    const words = [command, ...args.map(argumentText)];
    const known = call.broker.commands.get(command.toLowerCase());
    if (known?.flags.includes("noscript") === true) {
      throw new CommandError("ERR This Redis command is not allowed from script");
    }
    return toScriptValue(call.broker.invoke(inner, words));
  };
  try {
    const result = script.twin(
      {
        call: (command, ...args) => run(command, args),
        pcall: (command, ...args) => orNull(() => run(command, args)),
      },
      keys,
      argv,
    );
    return fromScriptValue(result);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new CommandError(`${error.message} script: ${sha}, on @user_script:1.`, { cause: error });
  }
}

/** Lua writes numbers as `%.17g`, which for whole ones is the plain decimal. */
function argumentText(value: string | number): string {
  return typeof value === "number" ? formatDouble(value) : value;
}

function orNull(run: () => ScriptValue): ScriptValue {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return null;
  }
}

function toScriptValue(reply: Reply): ScriptValue {
  if (reply === null || typeof reply === "string" || typeof reply === "number") return reply;
  if (typeof reply === "bigint") return Number(reply);
  return isReplyArray(reply) ? reply.map(toScriptValue) : shapedToScriptValue(reply);
}

function shapedToScriptValue(reply: ShapedReply): ScriptValue {
  switch (reply.type) {
    case "status":
    case "verbatim":
      return reply.text;
    case "double":
      return formatDouble(reply.value);
    case "map":
      return reply.pairs.flat().map(toScriptValue);
    case "set":
      return reply.members.map(toScriptValue);
    case "push":
      return reply.items.map(toScriptValue);
    case "nil-array":
    case "none":
      return null;
    case "error":
      throw new CommandError(reply.message);
    default:
      return assertNever(reply);
  }
}

function fromScriptValue(value: ScriptValue): Reply {
  if (typeof value === "number") return Math.trunc(value);
  if (value === null || typeof value === "string") return value;
  return value.map(fromScriptValue);
}
