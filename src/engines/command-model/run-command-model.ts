/**
 * Runs the program of a command model and reads its table.
 *
 * C1 No shell: the words reach the program as they are.
 * C2 The program and what it has started have ended, or have been told to, before this resolves:
 *    SIGTERM, then SIGKILL, to its process group. They end with us too, however we end.
 * C3 Time, output and error output are bounded.
 * C4 What is run is what was opened: its files are looked at again just before the start and after
 *    the end, and the table of a program that was changed meanwhile is not believed.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StringDecoder } from "node:string_decoder";
import type { Result } from "../../base/result.ts";
import { err, ok } from "../../base/result.ts";
import type { Failure } from "../../protocol/failure.ts";
import type { CommandModel } from "./description.ts";
import type { Invocation } from "./invocation.ts";
import { invocationOf } from "./invocation.ts";
import type { ProgramGroup } from "./own-group.ts";
import { startGroup } from "./own-group.ts";
import { readParquetTable } from "./read-parquet-table.ts";
import type { Columns, RowReader } from "./read-rows.ts";
import { createRowReader } from "./read-rows.ts";
import type { OpenedModel } from "./trust.ts";
import { isUnchanged } from "./trust.ts";

/** What a run of a program needs from outside. */
export interface CommandContext {
  /** The program's environment, before its parameters are added. */
  readonly environment: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** Told of each line `progress 0.4 what is done` or `progress 40 %` of the error output. */
  readonly onProgress?: ((fraction: number, message: string) => void) | undefined;
}

/** Runs a trusted model with all its values; never rejects for what the program does. */
export async function runCommandModel(
  opened: OpenedModel,
  values: Readonly<Record<string, number>>,
  context: CommandContext,
): Promise<Result<Columns, Failure>> {
  const { model, folder } = opened;
  const scratch = await mkdtemp(join(tmpdir(), "aimie-model-"));
  try {
    const place = model["work-in"] === "folder" ? folder : scratch;
    const file = join(scratch, "output.parquet");
    const invocation = invocationOf(model, values, { folder, file });
    if (!isUnchanged(opened)) return err(CHANGED); // C4
    const printed = await runProgram(model, invocation, place, context);
    if (printed.ok && !isUnchanged(opened)) return err(CHANGED); // C4
    if (model.output !== "parquet" || !printed.ok) return printed;
    return await readParquetTable(file, { limit: model["output-limit"] * MIB, ...context });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** How long a program has between SIGTERM and SIGKILL. */
const GRACE_MS = 1000;
const MIB = 1_048_576;

/** What a program prints that writes its table to a file is for nobody. */
const UNREAD: RowReader = { push: () => undefined, finish: () => ok(new Map()) };

function runProgram(
  model: CommandModel,
  { program, words, variables, input }: Invocation,
  place: string,
  { environment, signal, onProgress }: CommandContext,
): Promise<Result<Columns, Failure>> {
  if (signal?.aborted === true) return Promise.resolve(err(CANCELLED));
  return new Promise((resolve) => {
    const group = startGroup(program, words, {
      cwd: place,
      env: { ...environment, ...variables },
    }); // C1
    const { child } = group;
    const rows = model.output === "parquet" ? UNREAD : createRowReader(model.output);
    const errors = createErrorOutput(onProgress);
    let failure: Failure | undefined;
    const give = (why: Failure): void => {
      if (failure !== undefined) return;
      failure = why;
      end(group); // C2
    };
    const timer = setTimeout(() => give(timeoutFailure(model)), model.timeout * 1000); // C3
    const cancel = (): void => give(CANCELLED);
    signal?.addEventListener("abort", cancel);
    const kill = (): void => group.signal("SIGKILL");
    process.once("exit", kill);
    child.stdin.on("error", () => undefined); // A program need not read its input.
    child.stdin.end(input);
    follow(child, { rows, errors, limit: model["output-limit"], give });
    child.on("error", (cause) => {
      failure ??= startFailure(program, cause);
    });
    child.once("close", (code, killedBy) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", cancel);
      process.off("exit", kill);
      group.release();
      if (code !== 0) failure ??= exitFailure(code === null ? killedBy : code, errors.last());
      resolve(failure === undefined ? rows.finish() : err(failure));
    });
  });
}

function follow(
  { stdout, stderr }: ProgramGroup["child"],
  to: {
    readonly rows: RowReader;
    readonly errors: ErrorOutput;
    readonly limit: number;
    readonly give: (why: Failure) => void;
  },
): void {
  const decoder = new StringDecoder("utf8");
  let bytes = 0;
  stdout.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    const isTooMuch = bytes > to.limit * MIB; // C3
    const problem = isTooMuch ? tooMuch(to.limit) : to.rows.push(decoder.write(chunk));
    if (problem !== undefined) to.give(problem);
  });
  stderr.setEncoding("utf8").on("data", (text: string) => to.errors.push(text));
}

/** Asks the program to end, then makes it; its pipes are closed so that nothing can hold us. */
function end({ child, signal }: ProgramGroup): void {
  signal("SIGTERM");
  child.stdout.destroy();
  child.stderr.destroy();
  const timer = setTimeout(() => signal("SIGKILL"), GRACE_MS);
  child.once("exit", () => clearTimeout(timer));
}

interface ErrorOutput {
  push(text: string): void;
  /** The last lines that were not progress. */
  last(): string;
}

const PROGRESS = /^progress\s+(\d+(?:\.\d+)?)\s*(%?)\s*(.*)$/;
const KEPT_LINES = 10;
const MAX_LINE = 300;
/** Progress is told this often at most. */
const PROGRESS_PAUSE_MS = 100;

function createErrorOutput(onProgress: CommandContext["onProgress"]): ErrorOutput {
  const kept: string[] = [];
  let rest = "";
  let toldAt = Number.NEGATIVE_INFINITY;
  const addLine = (line: string): void => {
    const found = PROGRESS.exec(line);
    if (found === null) {
      // A program can never move a cursor by what it says.
      const plain = line.slice(0, MAX_LINE).replaceAll(/\p{C}/gu, " ");
      if (plain.trim() !== "") kept.push(plain);
      if (kept.length > KEPT_LINES) kept.shift();
      return;
    }
    const now = performance.now();
    if (now - toldAt < PROGRESS_PAUSE_MS) return;
    toldAt = now;
    const [, amount = "0", percent, message = ""] = found;
    const fraction = Number(amount) / (percent === "%" ? 100 : 1);
    onProgress?.(Math.min(1, fraction), message.slice(0, MAX_LINE));
  };
  return {
    push(text) {
      const lines = `${rest}${text}`.split(/\r?\n/);
      rest = (lines.pop() ?? "").slice(0, MAX_LINE); // C3
      for (const line of lines) addLine(line);
    },
    last() {
      if (rest !== "") addLine(rest);
      rest = "";
      return kept.join("\n");
    },
  };
}

const CANCELLED: Failure = {
  kind: "cancelled",
  message: "The simulation was cancelled.",
  nextStep: "Run it again when you want its result.",
};

const CHANGED: Failure = {
  kind: "invalid-input",
  message: "The model's file or its program was changed while it was run; nothing of it is used.",
  nextStep: "Look at it, trust it as it is now, then run it again.",
};

function timeoutFailure({ timeout }: CommandModel): Failure {
  return {
    kind: "timeout",
    message: `The program did not end within ${timeout} s.`,
    nextStep: "Give it less to do, or raise timeout in the model's file.",
  };
}

function tooMuch(limit: number): Failure {
  return {
    kind: "tool",
    message: `The program printed more than ${limit} MiB.`,
    nextStep: "Have it print fewer rows, or raise output-limit in the model's file.",
  };
}

function startFailure(program: string, cause: Error): Failure {
  const code = "code" in cause ? String(cause.code) : cause.message;
  const why: Readonly<Record<string, string>> = {
    ENOENT: "it is not installed, or not on PATH",
    EACCES: "it is not executable",
  };
  return {
    kind: "tool",
    message: `The program ${program} cannot be started: ${why[code] ?? code}.`.slice(0, 4000),
    nextStep: "Install it, or correct command in the model's file.",
  };
}

function exitFailure(how: number | string | null, said: string): Failure {
  const end = typeof how === "number" ? `exit code ${how}` : `signal ${how}`;
  return {
    kind: "tool",
    message: `The program ended with ${end}${said === "" ? "" : `: ${said}`}`.slice(0, 4000),
    nextStep: "Look at what the program says, mend it, then rerun the step.",
  };
}
