/**
 * A program of the user's own that carries out tasks: one JSON object a line, in on its standard
 * input, out on its standard output. What it prints besides is logged.
 *
 * P1 The program is started by the first task, and again by the next one after it has ended.
 * P2 A task ends with an output or a failure; a program that ends during it is a failure of kind
 *    tool.
 * P3 An abort ends the task at once; a program that does not let go of it soon is killed.
 * P4 Its lines are bounded; a longer one ends the program.
 * P5 It is looked at again just before it is started and when it first says something: what has been
 *    changed since it was trusted is not run, or killed.
 * P6 What it has started ends with it.
 */
import { StringDecoder } from "node:string_decoder";
import { z } from "zod";
import type { Result } from "../../base/result.ts";
import { err, ok } from "../../base/result.ts";
import type { ProgramGroup } from "../../engines/command-model/own-group.ts";
import { startGroup } from "../../engines/command-model/own-group.ts";
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
  /** Why it is not what was trusted; undefined while it is. */
  readonly vet: () => Failure | undefined;
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
    if (running !== undefined) return running;
    const fresh = new RunningProgram(program, log, () => {
      if (running === fresh) running = undefined; // P1
    });
    running = fresh;
    return fresh;
  };
  return {
    offers: () => Promise.resolve(ok([])), // It carries out tasks, and has no tools to lend.
    async call(call) {
      if (call.signal.aborted) return err(cancelled());
      const distrust = running === undefined ? program.vet() : undefined; // P5
      return distrust === undefined ? await started().carryOut(call) : err(distrust);
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
  readonly #group: ProgramGroup;
  readonly #vet: () => Failure | undefined;
  readonly #onEnd: () => void;
  readonly #pending = new Map<number, Pending>();
  readonly #log: (level: "info" | "warning", text: string) => void;
  #lastId = 0;
  #lastWords = "";
  #hasSpoken = false;

  constructor(
    { program, words, folder, environment, vet }: AgentProgram,
    log: (level: "info" | "warning", text: string) => void,
    onEnd: () => void,
  ) {
    this.#log = log;
    this.#vet = vet;
    this.#onEnd = onEnd;
    this.#group = startGroup(program, words, { cwd: folder, env: environment });
    const { child, release } = this.#group;
    const end = (how: string): void => {
      release(); // P6
      onEnd();
      this.#fail(programFailed(how, this.#lastWords));
    };
    child.once("error", (cause) => end(cause.message));
    child.once("exit", (code, signal) =>
      end(signal === null ? `it ended with exit code ${code}` : `it was ended by ${signal}`),
    );
    child.stdin.on("error", () => undefined); // Its end is told by `exit`.
    this.#readLines(child.stdout, (line) => this.#hear(line));
    this.#readLines(child.stderr, (line) => this.#say(line));
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
          if (this.#pending.delete(id)) this.#group.signal("SIGKILL");
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
    this.#group.child.stdin.end();
    this.#group.signal("SIGTERM");
  }

  #write(message: object): void {
    this.#group.child.stdin.write(`${JSON.stringify(message)}\n`);
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
        this.#group.signal("SIGKILL"); // P4
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
    const distrust = this.#hasSpoken ? undefined : this.#vet(); // P5
    if (distrust !== undefined) {
      this.#onEnd(); // The next task must not go to a program that is about to be gone.
      this.#group.signal("SIGKILL");
      this.#fail(distrust);
      return;
    }
    this.#hasSpoken = true;
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
  #fail(failure: Failure): void {
    for (const { settle } of this.#pending.values()) settle(err(failure));
    this.#pending.clear();
  }
}

function programFailed(how: string, lastWords: string): Failure {
  const words = lastWords === "" ? "" : `; its last words: ${lastWords}`;
  return {
    kind: "tool",
    message: `the agent's program failed: ${how}${words}`,
    nextStep: "run the program by hand, or look at the agent's log",
  };
}

function answerIn(line: string): Answer | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    return answerSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
