/**
 * A program of the user's own that carries out tasks: one JSON object a line, in on its standard
 * input, out on its standard output. What it prints besides is logged.
 *
 * P1 The program is started by the first task, and again by the next one after it has ended.
 * P2 A task ends with an output or a failure; a program that ends during it is a failure of kind
 *    tool.
 * P3 An abort ends the task at once; a program that does not let go of it soon is killed.
 * P4 Its lines are bounded; a longer one ends the program.
 */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { StringDecoder } from "node:string_decoder";
import { z } from "zod";
import type { Result } from "../../base/result.ts";
import { err, ok } from "../../base/result.ts";
import { MAXIMUM_MESSAGE_BYTES } from "../../protocol/envelope.ts";
import type { Failure } from "../../protocol/failure.ts";
import type { ToolCall, ToolSession } from "../runtime/tool-session.ts";

/** How a program is started: words as they are, without a shell. */
export interface AgentProgram {
  readonly program: string;
  readonly words: readonly string[];
  /** Where it runs. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** What a program may write. */
const answerSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("progress"),
    id: z.int(),
    fraction: z.number().min(0).max(1).nullable().default(null),
    message: z.string().default(""),
  }),
  z.object({ type: z.literal("result"), id: z.int(), output: z.json() }),
  z.object({
    type: z.literal("failure"),
    id: z.int(),
    message: z.string(),
    nextStep: z.string().optional(),
  }),
]);
type Answer = z.infer<typeof answerSchema>;

const MAXIMUM_LINE = 4 * MAXIMUM_MESSAGE_BYTES;
const MAXIMUM_LOG_LINE = 2000;
/** How long a program may go on with a task that was cancelled, milliseconds. */
const LET_GO_MS = 2000;

interface Pending {
  readonly call: ToolCall;
  settle(outcome: Result<unknown, Failure>): void;
}

/** Opens a session; nothing is started before the first task. */
export function openProgramSession(
  program: AgentProgram,
  log: (level: "info" | "warning", text: string) => void,
): ToolSession {
  let running: RunningProgram | undefined;
  const started = (): RunningProgram => {
    running ??= new RunningProgram(program, log, () => {
      running = undefined; // P1
    });
    return running;
  };
  return {
    offers: () => Promise.resolve(ok([])), // It carries out tasks, and has no tools to lend.
    async call(call) {
      if (call.signal.aborted) return err(cancelled());
      return await started().carryOut(call);
    },
    async close() {
      running?.end();
    },
  };
}

function cancelled(): Failure {
  return { kind: "cancelled", message: "stopped: the task was cancelled" };
}

class RunningProgram {
  readonly #child: ChildProcess;
  readonly #pending = new Map<number, Pending>();
  readonly #log: (level: "info" | "warning", text: string) => void;
  #lastId = 0;
  #lastWords = "";

  constructor(
    { program, words, folder, environment }: AgentProgram,
    log: (level: "info" | "warning", text: string) => void,
    onEnd: () => void,
  ) {
    this.#log = log;
    const child = spawn(program, words, {
      cwd: folder,
      env: { ...environment },
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.#child = child;
    const end = (how: string): void => {
      onEnd();
      this.#fail(how);
    };
    child.once("error", (cause) => end(cause.message));
    child.once("exit", (code, signal) =>
      end(signal === null ? `it ended with exit code ${code}` : `it was ended by ${signal}`),
    );
    child.stdin?.on("error", () => undefined); // Its end is told by `exit`.
    if (child.stdout !== null) this.#readLines(child.stdout, (line) => this.#hear(line));
    if (child.stderr !== null) this.#readLines(child.stderr, (line) => this.#say(line));
  }

  carryOut(call: ToolCall): Promise<Result<unknown, Failure>> {
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve) => {
      const abort = (): void => {
        this.#write({ type: "cancel", id });
        resolve(err(cancelled()));
        // P3: what is told later is of no use, but others may be in its hands.
        setTimeout(() => {
          if (this.#pending.delete(id)) this.#child.kill("SIGKILL");
        }, LET_GO_MS).unref();
      };
      call.signal.addEventListener("abort", abort, { once: true });
      const settle = (outcome: Result<unknown, Failure>): void => {
        call.signal.removeEventListener("abort", abort);
        resolve(outcome);
      };
      this.#pending.set(id, { call, settle });
      this.#write({ type: "task", id, input: call.arguments });
    });
  }

  end(): void {
    this.#child.stdin?.end();
    this.#child.kill("SIGTERM");
  }

  #write(message: object): void {
    this.#child.stdin?.write(`${JSON.stringify(message)}\n`);
  }

  #readLines(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
    const decoder = new StringDecoder("utf8");
    let rest = "";
    stream.on("data", (chunk: Buffer) => {
      const lines = (rest + decoder.write(chunk)).split("\n");
      rest = lines.pop() ?? "";
      if (rest.length > MAXIMUM_LINE) {
        this.#say(`a line of more than ${MAXIMUM_LINE} characters`);
        rest = "";
        this.#child.kill("SIGKILL"); // P4
      }
      for (const line of lines) if (line.trim() !== "") onLine(line);
    });
  }

  #hear(line: string): void {
    const answer = answerIn(line);
    if (answer === undefined) {
      this.#say(line);
      return;
    }
    const pending = this.#pending.get(answer.id);
    if (pending === undefined) return;
    if (answer.type === "progress") {
      if (!pending.call.signal.aborted) pending.call.onProgress(answer.fraction, answer.message);
      return;
    }
    this.#pending.delete(answer.id);
    if (answer.type === "result") {
      pending.settle(ok(answer.output));
      return;
    }
    const { message, nextStep } = answer;
    const told = nextStep === undefined ? {} : { nextStep: nextStep.slice(0, 1000) };
    pending.settle(err({ kind: "tool", message: message.slice(0, 4000), ...told }));
  }

  #say(line: string): void {
    this.#lastWords = line.slice(0, 500);
    this.#log("info", `program: ${line.slice(0, MAXIMUM_LOG_LINE)}`);
  }

  /** P2 */
  #fail(how: string): void {
    const words = this.#lastWords === "" ? "" : `; its last words: ${this.#lastWords}`;
    for (const { settle } of this.#pending.values()) {
      settle(
        err({
          kind: "tool",
          message: `the agent's program failed: ${how}${words}`,
          nextStep: "run the program by hand, or look at the agent's log",
        }),
      );
    }
    this.#pending.clear();
  }
}

function answerIn(line: string): Answer | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    return answerSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
