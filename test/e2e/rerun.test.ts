/** Orders to runs, carried out by the real orchestrator and its workers. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { decodeRun } from "../../src/orchestrator/codec.ts";
import { planFork } from "../../src/orchestrator/plan-fork.ts";
import { planRerun } from "../../src/orchestrator/plan-rerun.ts";
import type { RunState } from "../../src/orchestrator/state.ts";
import { lastAttempt, outputOf } from "../../src/orchestrator/state.ts";
import type { Command } from "../../src/protocol/commands.ts";
import type { RunId } from "../../src/protocol/ids.ts";
import { runIdSchema } from "../../src/protocol/ids.ts";
import { namesOf } from "../../src/protocol/names.ts";
import type { BusWatch } from "../support/bus-watch.ts";
import { watchPrivateBus } from "../support/bus-watch.ts";
import type { Broker } from "../support/product.ts";
import { BROKERS, newPlace, startProduct } from "../support/product.ts";
import { key } from "../support/runs.ts";
import { waitUntil } from "../support/wait-until.ts";

const FLOW = `name: gated
params:
  questions: { type: list, default: [What is the peak of infectious?, What is recovered at the end?] }
  title: { type: string, default: First }
steps:
  simulation: { agent: simulation, input: { model: sir } }
  qna:
    agent: qna
    needs: simulation
    foreach: { items: "\${{ params.questions }}", max-parallel: 1 }
    input: { question: "\${{ item }}", simulation: "\${{ steps.simulation.output }}" }
  never:
    agent: viz
    needs: simulation
    when: { value: "\${{ steps.simulation.output.method }}", equals: euler }
    input: { simulation: "\${{ steps.simulation.output }}" }
  viz:
    agent: viz
    needs: qna
    approval: Draw it?
    input: { simulation: "\${{ steps.simulation.output }}", title: "\${{ params.title }}" }
`;

const names = namesOf("default");

async function stateOf(watch: BusWatch, runId: RunId): Promise<RunState | undefined> {
  const [origin, state] = await watch.redis.hmget(names.runHash(runId), "origin", "state");
  return origin == null || state == null ? undefined : decodeRun({ origin, state });
}

async function until(
  watch: BusWatch,
  runId: RunId,
  what: string,
  holds: (state: RunState) => boolean,
): Promise<RunState> {
  return await waitUntil(what, async () => {
    const state = await stateOf(watch, runId);
    return state !== undefined && holds(state) ? state : undefined;
  });
}

async function send(watch: BusWatch, command: Command): Promise<void> {
  await watch.redis.xadd(names.commandStream, "*", "d", JSON.stringify(command));
}

const statusOf = (state: RunState, step: string): string | undefined =>
  state.steps[key(step)]?.progress.status;

const attemptsOf = (state: RunState, step: string): number =>
  state.steps[key(step)]?.attempts.length ?? 0;

async function startGated(broker: Broker): Promise<{
  readonly watch: BusWatch;
  readonly runId: RunId;
  readonly ended: ReturnType<typeof startProduct>["ended"];
  readonly state: RunState;
}> {
  const place = newPlace(broker);
  const watch = await watchPrivateBus(place, "event.run");
  writeFileSync(join(place.work, "gated.yaml"), FLOW);
  const { ended } = startProduct(place, ["run", "gated.yaml", "--stay", "--output", "json"]);
  const [runId] = await waitUntil("a run is known", async () => {
    const ids = await watch.redis.zrange(names.runIndex, "0", "-1");
    return ids.length > 0 ? ids.map((id) => runIdSchema.parse(id)) : undefined;
  });
  if (runId === undefined) throw new Error("no run");
  const state = await until(watch, runId, "only a person is awaited", (one) => {
    return one.status === "waiting";
  });
  return { watch, runId, ended, state };
}

describe.each(BROKERS)("on the %s broker", (broker) => {
  test("fans out in order, skips, waits, marks stale, refreshes, pushes back, pauses", async () => {
    const { watch, runId, ended, state } = await startGated(broker);
    expect(statusOf(state, "never")).toBe("skipped");
    const qna = state.steps[key("qna")];
    const joined = qna === undefined ? undefined : outputOf(qna);
    expect(joined).toMatchObject([
      { question: "What is the peak of infectious?", status: "answered" },
      { question: "What is recovered at the end?", status: "answered" },
    ]);
    const [first, second] = ["qna[0]", "qna[1]"].map(
      (name) => state.steps[key(name)]?.attempts[0]?.result,
    );
    expect(second?.startedAt).toBeGreaterThanOrEqual(first?.finishedAt ?? Infinity);

    const only = { kind: "only", stepKey: key("simulation") } as const;
    const { planHash } = planRerun(state, only);
    const order = { type: "apply-plan", runId, wish: only, planHash, interrupt: false } as const;
    await send(watch, { ...order, commandId: "only-1" });
    await watch.untilHeard("event.run", '"commandId":"only-1"');
    const done = await until(watch, runId, "the simulation is done again", (one) => {
      return attemptsOf(one, "simulation") === 2 && statusOf(one, "simulation") === "succeeded";
    });
    expect(statusOf(done, "qna")).toBe("stale");
    await send(watch, { ...order, commandId: "only-2" });
    expect((await watch.untilHeard("event.run", '"commandId":"only-2"')).text).toContain(
      '"conflict":true',
    );

    const refresh = { kind: "stale" } as const;
    await send(watch, {
      type: "apply-plan",
      commandId: "refresh",
      runId,
      wish: refresh,
      planHash: planRerun(done, refresh).planHash,
      interrupt: false,
    });
    const fresh = await until(watch, runId, "nothing is stale", (one) => {
      return attemptsOf(one, "qna") === 2 && one.status === "waiting";
    });
    expect(attemptsOf(fresh, "simulation")).toBe(2);

    const verdict = { kind: "push-back", to: key("simulation"), feedback: "again" } as const;
    const said = { type: "give-verdict", runId, stepKey: key("viz") } as const;
    await send(watch, { ...said, commandId: "back", verdict });
    await until(watch, runId, "a person is asked anew", (one) => {
      return attemptsOf(one, "simulation") === 3 && one.status === "waiting";
    });

    await send(watch, { type: "pause-run", commandId: "pause", runId });
    await send(watch, { ...said, commandId: "yes", verdict: { kind: "approve" } });
    await watch.untilHeard("event.run", '"commandId":"yes"');
    const paused = await until(watch, runId, "it is approved", (one) => {
      return statusOf(one, "viz") === "waiting";
    });
    expect(paused.status).toBe("paused");
    await send(watch, { type: "resume-run", commandId: "resume", runId });
    expect((await ended).code).toBe(0);
  });

  test("forks by a parameter: only the chart is drawn anew, nothing is simulated", async () => {
    const { watch, runId, state } = await startGated(broker);
    const wish = { kind: "parameters", parameters: { title: "Second" } } as const;
    const plan = planFork(state, wish);
    expect(plan).toMatchObject({ reset: ["viz"], refusal: undefined });
    const forkId = runIdSchema.parse("forked1");
    await send(watch, {
      type: "start-run",
      commandId: "fork",
      spec: { ...state.origin.spec, ...plan.request, runId: forkId, forkedFrom: runId },
    });
    await until(watch, forkId, "the fork awaits a person", (one) => one.status === "waiting");
    const stepKey = key("viz");
    const verdict = { kind: "approve" } as const;
    await send(watch, { type: "give-verdict", commandId: "ok", runId: forkId, stepKey, verdict });
    const end = await until(watch, forkId, "the fork has ended", (one) => one.finishedAt !== null);
    expect(end.status).toBe("succeeded");
    const chart = end.steps[stepKey];
    expect(chart === undefined ? undefined : outputOf(chart)).toMatchObject({ title: "Second" });
    const simulation = end.steps[key("simulation")];
    expect(simulation === undefined ? undefined : lastAttempt(simulation)).toMatchObject({
      inheritedFrom: `${runId}.simulation.1`,
    });
    await send(watch, { type: "cancel-run", commandId: "stop", runId });
    const stopped = await until(watch, runId, "it is cancelled", (one) => one.finishedAt !== null);
    expect(stopped.status).toBe("cancelled");
  });
});
