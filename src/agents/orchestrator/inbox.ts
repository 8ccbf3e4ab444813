/** What comes to the orchestrator, read into the run it concerns and the event it means. */
import type { Result } from "../../base/result.ts";
import { err, ok } from "../../base/result.ts";
import { decodeTimer } from "../../orchestrator/codec.ts";
import { commandSchema } from "../../protocol/commands.ts";
import type { RunId, StepKey } from "../../protocol/ids.ts";
import { runIdSchema, taskIdSchema } from "../../protocol/ids.ts";
import { describeIssues, parseBoundedJson, parseMessage } from "../../protocol/parse-message.ts";
import type { RunEvent } from "../../protocol/run-events.ts";
import { resultDataSchema } from "../../protocol/tasks.ts";

/** A look for an earlier result that is due: what is found makes it an event. */
export interface DueLook {
  readonly type: "look-up-due";
  readonly at: number;
  readonly stepKey: StepKey;
  readonly attempt: number;
}

/** An event on its way to a run. */
export interface Incoming {
  readonly runId: RunId;
  readonly event: RunEvent | DueLook;
}

/** Reads a result message; the error says why it cannot be used. */
export function readResult(text: string, at: number): Result<Incoming, string> {
  const message = parseMessage(text, resultDataSchema);
  if (!message.ok) return message;
  const { runid, stepid, attempt, subject, data } = message.value;
  const runId = runIdSchema.safeParse(runid);
  if (!runId.success || stepid === undefined || attempt === undefined) {
    return err("a result needs runid, stepid and attempt, as its task had them");
  }
  const expected = `${runId.data}.${stepid}.${attempt}`;
  const taskId = taskIdSchema.safeParse(subject);
  if (!taskId.success || taskId.data !== expected) {
    return err(`its subject is not its task's id, ${expected}`);
  }
  return ok({
    runId: runId.data,
    event: {
      type: "result-received",
      at,
      stepKey: stepid,
      attempt,
      taskId: taskId.data,
      result: data,
    },
  });
}

/** Reads an operator's command. */
export function readCommand(text: string, at: number): Result<Incoming, string> {
  const json = parseBoundedJson(text);
  if (!json.ok) return json;
  const parsed = commandSchema.safeParse(json.value);
  if (!parsed.success) return err(`not a command: ${describeIssues(parsed.error)}`);
  const command = parsed.data;
  switch (command.type) {
    case "start-run":
      return ok({
        runId: command.spec.runId,
        event: { type: "run-requested", at, spec: command.spec },
      });
    case "rerun-step": {
      const { runId, commandId, stepKey } = command;
      return ok({ runId, event: { type: "rerun-requested", at, commandId, stepKey } });
    }
    case "apply-plan": {
      const { runId, type: _, ...order } = command;
      return ok({ runId, event: { type: "plan-applied", at, ...order } });
    }
    case "pause-run": {
      const { runId, commandId } = command;
      return ok({ runId, event: { type: "pause-requested", at, commandId } });
    }
    case "resume-run": {
      const { runId, commandId } = command;
      return ok({ runId, event: { type: "resume-requested", at, commandId } });
    }
    case "give-verdict": {
      const { runId, type: _, ...given } = command;
      return ok({ runId, event: { type: "verdict-given", at, ...given } });
    }
    case "cancel-run": {
      const { runId, commandId } = command;
      return ok({ runId, event: { type: "cancel-requested", at, commandId } });
    }
  }
}

const TIMER_EVENTS = {
  retry: "retry-due",
  timeout: "timeout-reached",
  "look-up": "look-up-due",
} as const;

/** Reads a timer that has become due. */
export function readTimer(text: string, at: number): Result<Incoming, string> {
  const decoded = decodeTimer(text);
  const runId = runIdSchema.safeParse(decoded?.runId);
  if (decoded === undefined || !runId.success) return err("not a timer");
  const { kind, stepKey, attempt } = decoded.timer;
  return ok({ runId: runId.data, event: { type: TIMER_EVENTS[kind], at, stepKey, attempt } });
}
