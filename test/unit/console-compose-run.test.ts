import { expect, test } from "vitest";
import { seededRandom } from "../../src/base/random.ts";
import { err, ok } from "../../src/base/result.ts";
import type { RunComposer, RunWish } from "../../src/console/compose-run.ts";
import { composeRun } from "../../src/console/compose-run.ts";
import { sessionIdSchema } from "../../src/protocol/ids.ts";
import { runSpecSchema } from "../../src/protocol/run-events.ts";
import { finished, flowOf, flowText, QNA_OUTPUT, runView } from "../support/run-history.ts";

const built = (name: string): RunWish["flow"] => {
  const text = flowText(name);
  return { flow: flowOf(text), source: "built-in", text };
};

const composer = (change: Partial<RunComposer> = {}): RunComposer => ({
  random: seededRandom(1),
  findModel: (name) => ok({ name, text: `<xmile>${name}</xmile>` }),
  checkModel: () => undefined,
  checkConstants: () => undefined,
  trust: { wanted: () => undefined, refusal: () => undefined },
  ...change,
});

const wish = (change: Partial<RunWish> = {}): RunWish => ({
  flow: built("simulation-qna-viz"),
  parameters: {},
  sessionId: sessionIdSchema.parse("S1"),
  ...change,
});

test("a request holds everything that is needed to do the run again", () => {
  const composed = composeRun(composer(), wish({ parameters: { parameters: { infectivity: 1 } } }));

  expect(composed).toMatchObject({
    ok: true,
    value: {
      sessionId: "S1",
      flowName: "simulation-qna-viz",
      flowText: flowText("simulation-qna-viz"),
      parameters: { model: "sir", parameters: { infectivity: 1 } },
      models: { sir: "<xmile>sir</xmile>" },
    },
  });
  expect(composed.ok && runSpecSchema.safeParse(composed.value).success).toBe(true);
});

test("two requests have two names", () => {
  const one = composer();
  const ids = [composeRun(one, wish()), composeRun(one, wish())].map(
    (composed) => composed.ok && composed.value.runId,
  );

  expect(new Set(ids).size).toBe(2);
});

test("a request names a command model, and holds neither its text nor its command", () => {
  const findModel = (): ReturnType<RunComposer["findModel"]> =>
    ok({ name: "mine", text: "command: [rm]", commandFile: "/models/mine.yaml" });
  const composed = composeRun(
    composer({ findModel }),
    wish({ parameters: { model: "models/mine.yaml" } }),
  );

  expect(composed).toMatchObject({
    ok: true,
    value: { models: {}, parameters: { model: "mine" } },
  });
  expect(JSON.stringify(composed)).not.toMatch(/\[rm\]|\/work\/models/);
});

test("a model that was named by its file goes by its name from then on", () => {
  const findModel = (): ReturnType<RunComposer["findModel"]> => ok({ name: "mine", text: "<x/>" });
  const composed = composeRun(
    composer({ findModel }),
    wish({ parameters: { model: "./mine.xmile" } }),
  );

  expect(composed).toMatchObject({
    value: { parameters: { model: "mine" }, models: { mine: "<x/>" } },
  });
});

test("a question takes the results it is about along", () => {
  const composed = composeRun(
    composer(),
    wish({ flow: built("ask"), parameters: { question: "Why?" }, basedOn: finished() }),
  );

  expect(composed).toMatchObject({
    ok: true,
    value: { basedOn: "run-1", basedOnOutputs: { qna: QNA_OUTPUT }, models: {} },
  });
});

test.each<[what: string, composer: RunComposer, wish: RunWish, problem: object]>([
  [
    "an unknown parameter",
    composer(),
    wish({ parameters: { modle: "sir" } }),
    { message: expect.stringContaining('unknown parameter "modle"') },
  ],
  [
    "a value of the wrong type",
    composer(),
    wish({ parameters: { parameters: 7 } }),
    { message: 'parameter "parameters" must be numbers by name' },
  ],
  [
    "a parameter left open",
    composer(),
    wish({ flow: built("ask"), basedOn: finished() }),
    { message: expect.stringContaining('parameter "question" has no default') },
  ],
  [
    "a model that is not there",
    composer({ findModel: () => err("there is no model") }),
    wish(),
    { message: "there is no model", nextStep: "name another model" },
  ],
  [
    "a model that cannot be simulated",
    composer({ checkModel: () => "line 3: no" }),
    wish(),
    { message: "model sir: line 3: no", nextStep: "correct the model's file" },
  ],
  [
    "a model that is too large to travel",
    composer({ findModel: (name) => ok({ name, text: "x".repeat(140_000) }) }),
    wish(),
    { message: "model sir is larger than 128 KiB" },
  ],
  [
    "a question about a run without results",
    composer(),
    wish({ flow: built("ask"), parameters: { question: "?" }, basedOn: runView({ id: "r" }) }),
    { message: "run r has no results to ask about" },
  ],
])("refuses %s and says what to do", (_, from, wanted, problem) => {
  expect(composeRun(from, wanted)).toEqual({
    ok: false,
    error: { message: expect.any(String), nextStep: expect.stringMatching(/.+/), ...problem },
  });
});
