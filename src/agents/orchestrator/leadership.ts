/**
 * Who decides. One orchestrator at a time holds the lease; the others stand by.
 *
 * H1 Each holder has a fencing token of its own, larger than all before; every decision carries it
 *    and is refused once a newer holder has come. So nothing depends on clocks or on noticing in time.
 * H2 The lease is renewed at a third of its length, and given back on leaving.
 * H3 One who stands by asks often enough to take over as soon as the lease is over.
 */
import { randomUUID } from "node:crypto";
import { runScript } from "../../bus/run-script.ts";
import { leadScript } from "../../bus/scripts/lead.ts";
import { pause } from "../../bus/stream-reader.ts";
import { logProblem } from "../runtime/log-problem.ts";
import type { WorkerContext } from "../runtime/worker-context.ts";

/** How long an orchestrator that is gone keeps the others from deciding, milliseconds. */
const LEAD_LEASE_MS = 3000;

/** How often one who stands by asks, milliseconds. */
const ASK_EVERY_MS = 150;

/** The time in which this orchestrator decides. */
export interface Leadership {
  readonly fence: number;
  /** Fires when somebody else decides now, or when nothing new is to be taken. */
  readonly over: AbortSignal;
  /** Tells that the fence has refused us. */
  giveUp(): void;
}

/** Leads whenever nobody else does, until the worker is drained. */
export async function takeTurns(
  context: WorkerContext,
  lead: (leadership: Leadership) => Promise<void>,
): Promise<void> {
  const ask = asker(context);
  let standsBy = false;
  while (!context.draining.aborted) {
    const fence = await ask(LEAD_LEASE_MS);
    if (fence > 0) {
      standsBy = false;
      await leadWith(context, fence, ask, lead);
      continue;
    }
    if (!standsBy && fence === 0) context.log("info", "stands by: another orchestrator decides");
    standsBy ||= fence === 0;
    await pause(ASK_EVERY_MS, context.draining); // H3
  }
  await ask(0); // H2
}

async function leadWith(
  context: WorkerContext,
  fence: number,
  ask: (leaseMs: number) => Promise<number>,
  lead: (leadership: Leadership) => Promise<void>,
): Promise<void> {
  const lost = new AbortController();
  const giveUp = (): void => {
    if (lost.signal.aborted) return;
    context.log("warning", "another orchestrator decides now");
    lost.abort();
  };
  const renewal = setInterval(() => {
    void ask(LEAD_LEASE_MS).then((answer) => {
      // H1: a question without an answer says nothing; the fence does.
      if (answer !== UNANSWERED && answer !== fence) giveUp();
    });
  }, LEAD_LEASE_MS / 3); // H2
  try {
    await lead({ fence, over: AbortSignal.any([lost.signal, context.draining]), giveUp });
  } finally {
    clearInterval(renewal);
  }
}

const UNANSWERED = -1;

/** Asks for the lease; answers the token, 0 when another holds it, `UNANSWERED` when cut off. */
function asker({
  command,
  names,
  config,
  log,
}: WorkerContext): (leaseMs: number) => Promise<number> {
  const nonce = randomUUID();
  let first = 1;
  let complained = false;
  return async (leaseMs) => {
    try {
      const keys = [names.lease, names.fence];
      const answer = await runScript(command, leadScript, keys, [
        config.slot,
        nonce,
        leaseMs,
        first,
      ]);
      first = 0;
      complained = false;
      return Number(answer);
    } catch (cause) {
      if (!complained) logProblem({ log }, cause, "asking for the lease");
      complained = true;
      return UNANSWERED;
    }
  };
}
