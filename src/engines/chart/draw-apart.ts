/**
 * Draws a spec of unknown origin in a process of its own: a thread that runs out of memory would
 * take the caller along.
 *
 * D1 The caller goes on, whatever the spec makes Vega compute.
 * D2 A drawing that takes too long or too much memory is ended and refused.
 * D3 The process ends with its caller: its channel closes, and it is of the same process group.
 */
import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Result } from "../../base/result.ts";
import type { Failure } from "../../protocol/failure.ts";
import type { ChartRow, ChartSpec } from "./chart-spec.ts";
import { refuse } from "./check-spec.ts";
import type { DrawnChart } from "./render.ts";

/** What the process is given. */
export interface ApartOrder {
  readonly spec: ChartSpec;
  readonly rows: readonly ChartRow[];
  /** The box of the chart as text, in characters. */
  readonly box: { readonly columns: number; readonly rows: number };
}

/** What it answers: the chart, and the same as lines of text. */
export interface ApartChart extends DrawnChart {
  readonly lines: readonly string[];
}

/** How long a spec may be drawn and how much memory its process may fill. */
export interface ApartLimits {
  readonly timeLimitMs: number;
  readonly memoryMb: number;
}

const LIMITS: ApartLimits = { timeLimitMs: 20_000, memoryMb: 768 };

/** The program lies beside this one, in the source and in the bundle. */
const PROGRAM = new URL(
  import.meta.url.endsWith(".ts") ? "./draw-program.ts" : "./draw-program.js",
  import.meta.url,
);

/** Draws it, or says why it cannot be drawn; an aborted signal rejects. */
export async function drawApart(
  order: ApartOrder,
  signal: AbortSignal,
  limits: ApartLimits = LIMITS,
): Promise<Result<ApartChart, Failure>> {
  signal.throwIfAborted();
  const child = fork(fileURLToPath(PROGRAM), [], {
    stdio: ["ignore", "ignore", "ignore", "ipc"], // D3
    serialization: "advanced",
    env: { NODE_ENV: "production" },
    execArgv: [`--max-old-space-size=${limits.memoryMb}`, "--disable-warning=ExperimentalWarning"],
  });
  child.send(order, () => undefined); // What cannot be sent is told by its end.
  try {
    return await answerOf(child, { signal, ...limits });
  } finally {
    child.kill("SIGKILL"); // D2
  }
}

function answerOf(
  child: ChildProcess,
  { signal, timeLimitMs }: ApartLimits & { readonly signal: AbortSignal },
): Promise<Result<ApartChart, Failure>> {
  return new Promise((resolve, reject) => {
    const abort = () => end(() => reject(signal.reason));
    const late = setTimeout(
      () => end(() => resolve(refuse(`Drawing it takes longer than ${timeLimitMs / 1000} s.`))),
      timeLimitMs,
    );
    const end = (settle: () => void) => {
      clearTimeout(late);
      signal.removeEventListener("abort", abort);
      settle();
    };
    signal.addEventListener("abort", abort);
    child.once("message", (answer: Result<ApartChart, Failure>) => end(() => resolve(answer)));
    child.once("error", (cause) => end(() => reject(cause)));
    child.once("exit", () => end(() => resolve(refuse("Drawing it takes too much memory."))));
  });
}
