/** Orders to a run from the command line: done again, held, stopped, agreed to, asked about. */
import { readFileSync } from "node:fs";
import { errorMessage } from "../base/error-message.ts";
import { OperatorError } from "../base/operator-error.ts";
import type { ConsoleHandle } from "../console/console-handle.ts";
import type { RunView } from "../console/console-state.ts";
import type { Intent } from "../console/intents.ts";
import type { RerunPlan } from "../orchestrator/rerun-plan.ts";
import type { RunId } from "../protocol/ids.ts";
import type { RerunWish } from "../protocol/rerun.ts";
import type { CommonFlags, OutputForm } from "./flag.ts";
import type { Following } from "./headless.ts";
import { followRun, runOfOutcome } from "./headless.ts";
import { withRun } from "./open-run.ts";
import type { Output } from "./output.ts";
import { planJson, planLines } from "./plan-json.ts";
import type { PlanFlags, WishFlags } from "./rerun-flags.ts";
import { wishOf } from "./rerun-wish.ts";
import type { VerbContext } from "./verb.ts";

/** Plans a wish and, unless only the plan is wanted, carries it out and follows what comes of it. */
export async function doAgain(
  context: VerbContext<PlanFlags>,
  wishFor: (run: RunView) => RerunWish,
): Promise<number> {
  const { flags, output } = context;
  return await withRun(context, runWanted(context), async ({ handle, run }) => {
    const { runId } = run;
    const wish = wishFor(run);
    const plan = await handle.plan(runId, wish, flags.interrupt);
    if (plan === undefined) throw new Error(`the run ${runId} is gone`);
    printPlan(runId, plan, { form: flags.output, alone: flags.dryRun }, output);
    if (flags.dryRun) return 0;
    const seen = { ...plan, planHash: flags.planHash ?? plan.planHash };
    const target = runOfOutcome(await handle.dispatch(orderOf(runId, seen, flags.interrupt)));
    return await followRun(
      handle,
      target,
      followingOf(context, target === runId ? run : null),
      output,
    );
  });
}

/**
 * The wish of the flags that say what is to be done again.
 * @throws OperatorError `usage` for a file that cannot be read, and see `wishOf`.
 */
export function readWish({ state }: RunView, flags: WishFlags): RerunWish {
  const textOf = (path: string | undefined): string | undefined =>
    path === undefined ? undefined : readInput(path);
  const texts = { input: textOf(flags.inputFile), output: textOf(flags.pinFile) };
  return wishOf(state, flags, texts);
}

/** Gives an order and follows the run it is about. */
export async function orderAndFollow(
  context: VerbContext<{ readonly stay?: boolean }>,
  intentFor: (run: RunView) => Intent,
): Promise<number> {
  return await withRun(context, runWanted(context), async ({ handle, run }) => {
    const runId = runOfOutcome(await handle.dispatch(intentFor(run)));
    const following = followingOf(context, runId === run.runId ? run : null);
    return await followRun(handle, runId, following, context.output);
  });
}

/** Gives an order that a run holds on to; says so and leaves the run. */
export async function orderAndLeave(
  context: VerbContext<object>,
  intentFor: (run: RunView) => Intent,
  told: string,
): Promise<number> {
  const { flags, output } = context;
  return await withRun(context, runWanted(context), async ({ handle, run }) => {
    const runId = runOfOutcome(await handle.dispatch(intentFor(run)));
    const done = { version: 1, run: runId, did: told };
    output.out(flags.output === "text" ? `run ${runId} ${told}` : JSON.stringify(done));
    return 0;
  });
}

/** Cancels a run and waits until it has ended; 0 when it was cancelled. */
export async function cancelRun(context: VerbContext<object>): Promise<number> {
  return await withRun(context, runWanted(context), async ({ handle, run }) => {
    const runId = runOfOutcome(await handle.dispatch({ type: "cancel-run", runId: run.runId }));
    const following = { ...followingOf(context, run), stay: true, leave: true };
    await followRun(handle, runId, following, context.output);
    return statusOf(handle, runId) === "cancelled" ? 0 : 1;
  });
}

/** Waits for the end of a run and changes nothing about it. */
export async function waitForRun(
  context: VerbContext<{ readonly timeout?: number | undefined; readonly stay: boolean }>,
): Promise<number> {
  const { timeout, stay } = context.flags;
  return await withRun(context, runWanted(context), async ({ handle, run }) => {
    const following = {
      ...followingOf(context, null),
      timeoutMs: timeout === undefined ? undefined : timeout * 1000,
      stay,
      leave: true,
    };
    return await followRun(handle, run.runId, following, context.output);
  });
}

function statusOf({ store }: ConsoleHandle, runId: RunId): string | undefined {
  return store.getState().runs.find((one) => one.runId === runId)?.state.status;
}

function runWanted({ operands: [wanted = ""] }: Pick<VerbContext<object>, "operands">): string {
  return wanted;
}

/** How a run is followed; what was known of it before the order tells nothing of its end. */
function followingOf(
  { flags, signals }: VerbContext<{ readonly stay?: boolean }>,
  before: RunView | null,
): Following {
  const { output: form, stay = false }: CommonFlags & { readonly stay?: boolean } = flags;
  return { form, interrupted: signals.first, stay, ...(before && { after: before.seq }) };
}

function orderOf(runId: RunId, { wish, planHash }: RerunPlan, interrupt: boolean): Intent {
  switch (wish.kind) {
    case "from":
    case "only":
    case "failed":
    case "stale":
      return { type: "apply-plan", runId, wish, planHash, interrupt };
    default:
      return { type: "fork-run", runId, wish, planHash };
  }
}

/** A plan beside a run is told in text and in lines; one JSON object is the run's alone. */
function printPlan(
  runId: RunId,
  plan: RerunPlan,
  { form, alone }: { readonly form: OutputForm; readonly alone: boolean },
  output: Output,
): void {
  const json = planJson(runId, plan);
  if (form === "text") for (const line of planLines(runId, plan)) output.out(line);
  else if (form === "jsonl") output.out(JSON.stringify({ type: "plan", ...json }));
  else if (alone) output.out(JSON.stringify(json, null, 2));
}

function readInput(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const message = `cannot read ${path}: ${errorMessage(cause)}`;
    throw new OperatorError({ code: "usage", message, nextStep: "check the path" }, { cause });
  }
}
