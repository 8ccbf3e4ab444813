import { describe, expect, test } from "vitest";
import { toJsonValue } from "../../src/base/json-value.ts";
import { seededRandom } from "../../src/base/random.ts";
import { err, ok } from "../../src/base/result.ts";
import type { RunComposer } from "../../src/console/compose-run.ts";
import { composeFork } from "../../src/console/compose-run.ts";
import type { RunView } from "../../src/console/console-state.ts";
import type { PlanScope } from "../../src/console/plan-wish.ts";
import { planForkWish, planWish } from "../../src/console/plan-wish.ts";
import { stepKeySchema } from "../../src/protocol/ids.ts";
import type { ForkWish, RerunWish } from "../../src/protocol/rerun.ts";
import type { RunSpec } from "../../src/protocol/run-events.ts";
import { runSpecSchema } from "../../src/protocol/run-events.ts";
import {
  finished,
  flowText,
  QNA_OUTPUT,
  runView,
  SIMULATION_OUTPUT,
} from "../support/run-history.ts";

const key = (text: string): ReturnType<typeof stepKeySchema.parse> => stepKeySchema.parse(text);

const composer = (change: Partial<RunComposer> = {}): RunComposer => ({
  random: seededRandom(1),
  findModel: (name) => ok({ name, text: `<now>${name}</now>` }),
  checkModel: () => undefined,
  checkConstants: () => undefined,
  trust: { wanted: () => undefined, refusal: () => undefined },
  ...change,
});

const scope = (change: Partial<PlanScope> = {}): PlanScope => ({
  runs: [],
  artifacts: { verify: async () => "intact" },
  ...change,
});

const text = flowText("simulation-qna-viz");

/** A run whose model's text was `<then/>` when it was requested. */
const run = (): RunView =>
  runView({
    id: "run-1",
    spec: { parameters: { model: "sir" }, models: { sir: "<then/>" } },
    told: [
      { step: "simulation", at: 1300, output: SIMULATION_OUTPUT },
      { step: "qna", at: 2600, output: QNA_OUTPUT },
      { step: "viz", at: 3100, output: {} },
    ],
  });

async function forked(wish: ForkWish, change: Partial<RunComposer> = {}): Promise<RunSpec> {
  const composed = composeFork(composer(change), run(), await planForkWish(scope(), run(), wish));
  if (!composed.ok) throw new Error(composed.error.message);
  return runSpecSchema.parse(composed.value);
}

describe("a forked run's request", () => {
  test("names the run it comes from, with a name and a life of its own", async () => {
    const spec = await forked({ kind: "parameters", parameters: { question: "Why?" } });
    expect(spec).toMatchObject({
      sessionId: "s1",
      forkedFrom: "run-1",
      flowName: "simulation-qna-viz",
      flowText: text,
    });
    expect(spec.runId).not.toBe("run-1");
  });

  test("by an edited input carries that input, and what is not built on it", async () => {
    const input = toJsonValue({ question: "Mine?", simulation: SIMULATION_OUTPUT });
    const { fork } = await forked({ kind: "edit-input", stepKey: key("qna"), input });
    expect(fork?.inputs).toEqual({ qna: input });
    expect(Object.keys(fork?.inherited ?? {})).toEqual(["simulation"]);
    expect(fork?.leftOut["viz"]).toContain("its output is not valid");
  });

  test("by a pinned output carries it as the operator's own result", async () => {
    const output = toJsonValue({ ...SIMULATION_OUTPUT, stopTime: 5 });
    const { fork } = await forked({ kind: "pin-output", stepKey: key("simulation"), output });
    const inherited: unknown = fork?.inherited;
    const result: unknown = expect.objectContaining({ output, worker: "operator" } as object);
    expect(inherited).toEqual({ simulation: expect.objectContaining({ result }) });
  });

  test("by a parameter keeps the other parameters, and the model as it was", async () => {
    const spec = await forked({ kind: "parameters", parameters: { question: "Why?" } });
    expect(spec.parameters).toMatchObject({ model: "sir", question: "Why?" });
    expect(spec.models).toEqual({ sir: "<then/>" });
  });

  test("by another model takes that model as its file says now", async () => {
    const spec = await forked({ kind: "parameters", parameters: { model: "seir" } });
    expect(spec.models).toEqual({ seir: "<now>seir</now>" });
    expect(spec.fork?.inherited).toEqual({});
  });

  test("by another flow is of that flow, and goes by its name", async () => {
    const edited = text.replace(/^name: .*$/m, "name: mine");
    const changed = edited.replace("agent: viz", "when: { value: 1, equals: 1 }\n    agent: viz");
    const spec = await forked({ kind: "flow", flowText: changed });
    expect(spec).toMatchObject({ flowName: "mine", flowText: changed });
    expect(Object.keys(spec.fork?.inherited ?? {})).toEqual(["simulation", "qna"]);
  });

  test("of a run about another keeps what it is about", async () => {
    const base = { simulation: toJsonValue(SIMULATION_OUTPUT) };
    const spec = { basedOn: run().runId, basedOnOutputs: base, parameters: { question: "Why?" } };
    const asked = runView({ id: "run-2", flow: "ask", spec });
    const wish: ForkWish = { kind: "parameters", parameters: { question: "How?" } };
    const plan = await planForkWish(scope(), asked, wish);
    expect(composeFork(composer(), asked, plan)).toMatchObject({
      ok: true,
      value: { basedOn: "run-1", basedOnOutputs: base, forkedFrom: "run-2" },
    });
  });

  test.each<[what: string, change: Partial<RunComposer>, message: string]>([
    ["is not known", { findModel: () => err("no model of that name") }, "no model of that name"],
    ["cannot be used", { checkModel: () => "it has no stock" }, "model seir: it has no stock"],
  ])("is not made when its model %s", async (_, change, message) => {
    const wish: ForkWish = { kind: "parameters", parameters: { model: "seir" } };
    await expect(forked(wish, change)).rejects.toThrow(message);
  });

  test("is not made from a text that is no flow", async () => {
    const plan = await planForkWish(scope(), run(), { kind: "parameters", parameters: {} });
    const broken = { ...plan, request: { ...plan.request, flowText: "steps: 1" } };
    expect(composeFork(composer(), run(), broken)).toMatchObject({
      ok: false,
      error: { message: "the flow is not valid" },
    });
  });
});

describe("a plan of the console", () => {
  test.each<[wish: RerunWish, target: string]>([
    [{ kind: "from", stepKey: key("qna") }, "same-run"],
    [{ kind: "only", stepKey: key("qna") }, "same-run"],
    [{ kind: "failed" }, "same-run"],
    [{ kind: "stale" }, "same-run"],
    [{ kind: "edit-input", stepKey: key("qna"), input: {} }, "fork"],
    [{ kind: "pin-output", stepKey: key("qna"), output: {} }, "fork"],
    [{ kind: "parameters", parameters: {} }, "fork"],
    [{ kind: "flow", flowText: text }, "fork"],
  ])("for %j happens where it belongs", async (wish, target) => {
    expect((await planWish(scope(), run(), wish)).target).toBe(target);
  });

  test.each(["missing", "damaged"] as const)("does not build on a file that is %s", async (is) => {
    const artifacts: PlanScope["artifacts"] = {
      verify: async ({ name }) => (name === SIMULATION_OUTPUT.data.name ? is : "intact"),
    };
    const wish: RerunWish = { kind: "from", stepKey: key("qna") };
    const plan = await planWish(scope({ artifacts }), finished(), wish);
    expect(plan.blocked).toEqual([{ stepKey: "qna", by: "simulation" }]);
    expect(plan.ineligible).toContainEqual({
      stepKey: "simulation",
      reason: `its file table.parquet is ${is} here`,
    });
  });

  test("fetches a file that a kept step has made elsewhere, and no other", async () => {
    const here = new Set<string>();
    const fetched: string[] = [];
    const artifacts: PlanScope["artifacts"] = {
      verify: async ({ name }) => (here.has(name) ? "intact" : "missing"),
    };
    const fetch: PlanScope["fetch"] = async ({ name }) => {
      fetched.push(name);
      here.add(name);
      return name;
    };
    const wish: RerunWish = { kind: "from", stepKey: key("qna") };
    const plan = await planWish(scope({ artifacts, fetch }), finished(), wish);

    expect(plan).toMatchObject({ reset: ["qna"], blocked: [], refusal: undefined });
    expect(fetched[0]).toBe(SIMULATION_OUTPUT.data.name);
    const whole: RerunWish = { kind: "from", stepKey: key("simulation") };
    here.clear();
    fetched.length = 0;
    await planWish(scope({ artifacts, fetch }), finished(), whole);
    expect(fetched).toEqual([]);
  });

  test("estimates by other runs of the same flow, not by other flows or failures", async () => {
    const fresh = runView({ id: "run-9" });
    const asked = runView({ id: "run-8", flow: "ask", spec: { parameters: { question: "x" } } });
    const lost = runView({ id: "run-7", told: [{ step: "simulation", at: 9, failed: "no" }] });
    const wish: RerunWish = { kind: "from", stepKey: key("simulation") };
    const estimate = async (runs: RunView[]): Promise<number | null> =>
      (await planWish(scope({ runs }), fresh, wish, true)).estimateMs;
    expect(await estimate([fresh, asked, lost])).toBeNull();
    expect(await estimate([fresh, asked, lost, finished()])).toBe(2400);
  });
});
