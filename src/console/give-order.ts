/**
 * Orders to a run: sends one, then reads what the orchestrator made of it. The commit at the run's
 * version decides between two consoles that give orders at once: the second finds a run that has
 * moved on and is told so.
 */

import { sendCommand } from "../bus/commands.ts";
import type { RedisConnection } from "../bus/connection.ts";
import { loadRun, loadRunEvents } from "../bus/run-store.ts";
import type { Command } from "../protocol/commands.ts";
import type { Names } from "../protocol/names.ts";
import { parseMessage } from "../protocol/parse-message.ts";
import type { RunEvent } from "../protocol/run-events.ts";
import { runEventDataSchema } from "../protocol/run-events.ts";
import { reaching } from "./bus-away.ts";
import type { BusView } from "./console-state.ts";
import type { IntentOutcome } from "./intents.ts";

/** How long an orchestrator may take to answer an order, milliseconds. */
const ANSWER_WITHIN_MS = 15_000;

/** How often the run's log is looked at for the answer, milliseconds. */
const LOOK_EVERY_MS = 50;

type RunCommand = Exclude<Command, { type: "start-run" }>;

/** The bus an order is given over. */
export interface OrderScope {
  readonly command: RedisConnection;
  readonly names: Names;
  readonly bus: BusView;
}

/**
 * Gives an order and resolves with what became of it.
 * @throws OperatorError `bus-unreachable` when the bus does not answer; it says how far the order came.
 */
export async function giveOrder(scope: OrderScope, order: RunCommand): Promise<IntentOutcome> {
  const { command, names, bus } = scope;
  const known = await reaching(bus, "unsent", () => loadRun(command, names, order.runId));
  await reaching(bus, "perhaps-sent", () => sendCommand(command, names, order));
  return await reaching(bus, "sent", () => awaitAnswer(scope, order, known?.version ?? 0));
}

async function awaitAnswer(
  { command, names }: OrderScope,
  order: RunCommand,
  before: number,
): Promise<IntentOutcome> {
  const { runId, commandId } = order;
  let seq = before;
  const deadline = performance.now() + ANSWER_WITHIN_MS;
  while (performance.now() < deadline) {
    const texts = await loadRunEvents(command, names, runId, seq + 1);
    for (const text of texts) {
      const message = parseMessage(text, runEventDataSchema);
      if (!message.ok) continue;
      seq = message.value.data.seq;
      const { event } = message.value.data;
      if ("commandId" in event && event.commandId === commandId) return outcomeOf(event, order);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  return {
    ok: false,
    code: "timeout",
    message: "no orchestrator has answered the order",
    nextStep: "check that one is running (--agents auto starts one), then look at the run",
  };
}

function outcomeOf(event: RunEvent, { runId }: RunCommand): IntentOutcome {
  if (event.type !== "command-refused") return { ok: true, runId };
  return {
    ok: false,
    code: event.conflict === true ? "conflict" : "usage",
    message: event.reason.message,
    nextStep: event.reason.nextStep ?? "look at the run again",
  };
}
