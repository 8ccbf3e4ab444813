import { afterEach, describe, expect, test } from "vitest";
import { runIdSchema, sessionIdSchema } from "../../src/protocol/ids.ts";
import type { MountedScreen, MountOptions } from "../support/mount-screen.ts";
import { keyOf, mountScreen, stateOf, worker } from "../support/mount-screen.ts";
import { finished, flowOf, flowText, halfway, runView, START } from "../support/run-history.ts";

let screen: MountedScreen;
afterEach(() => screen.close());

async function mount(options: MountOptions): Promise<void> {
  screen = await mountScreen(options);
}

describe("rerun", () => {
  test("lists the steps that will be done again, and Enter does it", async () => {
    await mount({ state: { runs: [finished()] } });

    await screen.act("rerun-step");
    expect(screen.text()).toContain("Rerun simulation");
    for (const step of ["simulation", "qna", "viz"]) {
      expect(screen.text()).toMatch(new RegExp(`${step} {2}attempt 2`));
    }
    await screen.act("confirm");

    expect(screen.dispatched).toMatchObject([
      { type: "apply-plan", runId: "run-1", wish: { kind: "from", stepKey: "simulation" } },
    ]);
    expect(screen.text()).not.toContain("Rerun simulation");
  });

  test("leaves siblings alone", async () => {
    await mount({ state: { runs: [finished()] } });

    await screen.press("l", "j");
    await screen.act("rerun-step");

    expect(screen.text()).toMatch(/viz {2}attempt 2/);
    expect(screen.text()).not.toMatch(/qna {2}attempt 2/);
    expect(screen.text()).toContain("Kept as they are: 2 other steps");
  });

  test("of one step alone is drawn on the graph before Enter: what becomes stale too", async () => {
    await mount({ columns: 120, rows: 40, state: { runs: [finished()] } });

    await screen.act("rerun-only");
    expect(screen.text()).toContain("Rerun only simulation");
    expect(screen.text()).toContain("↻ will be done again");
    expect(screen.text()).toContain("◌ becomes stale");
    expect(screen.text()).toMatch(/Built on an older result afterwards, until u:/);
    await screen.act("confirm");

    expect(screen.dispatched).toMatchObject([
      { type: "apply-plan", wish: { kind: "only", stepKey: "simulation" } },
    ]);
    expect(screen.text()).not.toContain("will be done again");
  });

  test.each([
    ["retry-failed", /nothing|no step|failed/i],
    ["refresh-stale", /nothing|no step|stale/i],
    ["pause-run", /the run is succeeded: nothing to pause/],
    ["approve-step", /no step of this run waits for approval/],
  ] as const)("%s says why there is nothing to do", async (action, reason) => {
    await mount({ columns: 120, rows: 40, state: { runs: [finished()] } });

    await screen.act(action);

    expect(screen.rows().at(-1)).toMatch(reason);
    expect(screen.dispatched).toEqual([]);
  });

  test("of what failed lists the failed step and what builds on it", async () => {
    const text =
      "name: x\ndescription: y\nsteps:\n  s: { agent: simulation, retry: { attempts: 1 }, input: { model: sir } }";
    const told = [{ step: "s", at: 900, failed: "no such model" }];
    const failed = runView({ id: "run-1", flow: "x", text, told });
    await mount({ columns: 120, rows: 40, state: { runs: [failed] } });

    await screen.act("retry-failed");
    expect(screen.text()).toContain("Retry what failed");
    await screen.act("confirm");

    expect(screen.dispatched).toMatchObject([{ type: "apply-plan", wish: { kind: "failed" } }]);
  });

  test("a run under way is paused with one key, and goes on with the same", async () => {
    await mount({ state: { runs: [halfway()] } });
    await screen.act("pause-run");
    const run = halfway();
    const paused = { ...run, state: { ...run.state, status: "paused" as const } };
    await screen.set({ runs: [paused] });
    await screen.act("pause-run");

    expect(screen.dispatched).toEqual([
      { type: "pause-run", runId: "run-1" },
      { type: "resume-run", runId: "run-1" },
    ]);
  });

  test("does nothing after Escape", async () => {
    await mount({ state: { runs: [finished()] } });

    await screen.act("rerun-step", "back");

    expect(screen.dispatched).toEqual([]);
    expect(screen.text()).not.toContain("Rerun simulation");
  });

  test("says why it is not possible while the step is under way", async () => {
    await mount({ state: { runs: [halfway()] } });

    await screen.act("rerun-step");

    expect(screen.rows().at(-1)).toContain("qna, viz would be done again, but is still under way");
    expect(screen.dispatched).toEqual([]);
  });
});

describe("a question", () => {
  test("is typed, sent, and its run is shown", async () => {
    const answer = runView({
      id: "run-2",
      flow: "ask",
      spec: {
        basedOn: runIdSchema.parse("run-1"),
        parameters: { question: "Who recovers?" },
        basedOnOutputs: { simulation: { output: null } },
      },
    });
    await mount({
      state: { runs: [finished()] },
      answer: () => ({ ok: true, runId: answer.runId }),
    });

    await screen.act("ask-question");
    await screen.send("Whoo");
    await screen.press("backspace");
    await screen.send(" recovers?\r");
    await screen.set({ runs: [answer, finished()] });

    expect(screen.dispatched).toEqual([
      { type: "ask-question", runId: "run-1", question: "Who recovers?" },
    ]);
    expect(screen.rows()[0]).toContain("Who recovers?");
    await screen.act("focus-runs");
    expect(screen.text()).toContain("? Who recovers?");
  });

  test("takes a paste as text, line breaks and key characters included", async () => {
    await mount({ state: { runs: [finished()] } });

    await screen.act("ask-question");
    await screen.send("\u001B[200~quit?\nq\u001B[201~");
    await screen.press("enter");

    expect(screen.dispatched).toEqual([
      { type: "ask-question", runId: "run-1", question: "quit? q" },
    ]);
  });

  test("of an answer goes on from its question", async () => {
    const parameters = { question: "What is the peak of infectious?" };
    const spec = { basedOn: finished().runId, parameters };
    const answer = { ...finished(), ...runView({ id: "run-8", flow: "ask", spec }) };
    await mount({ state: { runs: [answer, finished()] } });

    await screen.act("ask-question");
    expect(screen.text()).toContain("go on from “What is the peak of infectious?”");
    await screen.send("and its time?");
    await screen.act("submit");

    expect(screen.dispatched).toEqual([
      { type: "ask-question", runId: "run-8", question: "and its time?" },
    ]);
  });

  test("needs a result to be about", async () => {
    await mount({ state: { runs: [runView({ id: "run-1" })] } });

    await screen.act("ask-question");

    expect(screen.rows().at(-1)).toContain("no result to ask about yet");
  });
});

describe("a new run", () => {
  const parameters = flowText("simulation-qna-viz").replace(
    "params:",
    "params:\n  days:\n    type: integer\n    default: 7\n    min: 1\n    max: 30",
  );

  test("starts with the values of the form", async () => {
    await mount({});

    await screen.act("new-run");
    expect(screen.text()).toContain("What is the peak of infectious");
    expect(screen.text()).toContain("a model: sir · predator-prey");
    await screen.press("ctrl-u");
    await screen.send("predator-prey");
    await screen.act("next-field");
    await screen.send("birth=0.5");
    await screen.act("submit");

    expect(screen.dispatched).toEqual([
      {
        type: "start-run",
        flowName: "simulation-qna-viz",
        parameters: {
          model: "predator-prey",
          parameters: { birth: 0.5 },
          question: "What is the peak of infectious, and when does it occur?",
        },
      },
    ]);
  });

  test("is not started while a value is wrong, and says what is wrong", async () => {
    await mount({ state: { flows: [{ flow: flowOf(parameters), source: "built-in" }] } });

    await screen.act("new-run");
    await screen.send("0");
    expect(screen.text()).toContain("✗ must be at most 30");
    await screen.act("submit");
    expect(screen.dispatched).toEqual([]);
    await screen.press("backspace");
    await screen.act("submit");

    expect(screen.dispatched).toMatchObject([{ type: "start-run", parameters: { days: 7 } }]);
  });

  test("names the constants of the model, and a wrong one before anything is sent", async () => {
    await mount({ columns: 120, rows: 40 });

    await screen.act("new-run", "next-field");
    expect(screen.text()).toContain("contact_rate=8");
    await screen.send("cont");
    expect(screen.text()).not.toContain("infectivity=");
    await screen.send("act_rat=9");
    expect(screen.text()).toContain("no constant contact_rat. Did you mean contact_rate?");
    await screen.act("submit");
    expect(screen.dispatched).toEqual([]);
    await screen.press("left", "left");
    await screen.send("e");
    await screen.act("submit");

    expect(screen.dispatched).toMatchObject([{ parameters: { parameters: { contact_rate: 9 } } }]);
  });

  test("begins with the flow that is offered when an answer is selected", async () => {
    const answer = runView({ id: "run-8", flow: "ask", spec: { basedOn: finished().runId } });
    const first = flowOf(flowText("compare"));
    const flow = flowOf(flowText("simulation-qna-viz"));
    const flows = [first, flow].map((one) => ({ flow: one, source: "built-in" }));
    await mount({ state: { runs: [answer], flows } });

    await screen.act("new-run");

    expect(screen.text()).toContain("◂ simulation-qna-viz ▸");
  });

  test("lets the operator choose among flows", async () => {
    const other = flowOf(flowText("simulation-qna-viz").replace("name: simulation", "name: other"));
    const flow = flowOf(flowText("simulation-qna-viz"));
    await mount({
      state: {
        flows: [
          { flow, source: "built-in" },
          { flow: other, source: "other.yaml" },
        ],
      },
    });

    await screen.act("new-run");
    await screen.press("shift-tab", "shift-tab", "right", "enter");

    expect(screen.dispatched).toMatchObject([{ type: "start-run" }]);
  });
});

describe("quitting", () => {
  test("is immediate when nothing is active", async () => {
    await mount({ state: { runs: [finished()] } });

    await screen.act("quit");

    expect(await screen.exit).toEqual({
      reason: "quit",
      runsActive: null,
      focusedRunId: "run-1",
    });
  });

  test.each([
    ["quit-wait", "wait"],
    ["quit-cancel", "cancel"],
    ["quit-leave", "leave"],
  ] as const)("asks while a run is active; %s answers %s", async (action, runsActive) => {
    await mount({ state: { runs: [halfway()] } });

    await screen.act("quit");
    expect(screen.text()).toContain("One run is active.");
    await screen.act(action);

    expect(await screen.exit).toMatchObject({ runsActive });
  });

  test("can be thought better of", async () => {
    await mount({ state: { runs: [halfway()] } });

    await screen.act("quit", "back");

    expect(screen.text()).not.toContain("One run is active.");
    expect(screen.rows()[0]).toContain("running");
  });
});

describe("sessions", () => {
  const second = {
    ...stateOf().sessions[0]!,
    sessionId: sessionIdSchema.parse("s2"),
    name: "tuesday",
  };
  const sessions = [stateOf().sessions[0]!, second];

  test("are deleted only after y", async () => {
    await mount({ state: { sessions } });

    await screen.act("focus-sessions", "down", "delete-session");
    expect(screen.text()).toContain("tuesday: 1 run");
    await screen.press("enter");
    expect(screen.dispatched).toEqual([]);
    await screen.act("delete-session");
    await screen.press("y");

    expect(screen.dispatched).toEqual([{ type: "delete-session", sessionId: "s2" }]);
  });

  test("are renamed and opened", async () => {
    await mount({ state: { sessions } });

    await screen.act("focus-sessions", "down", "rename-session");
    await screen.send(" 2\r");
    await screen.act("open");

    expect(screen.dispatched).toEqual([
      { type: "rename-session", sessionId: "s2", name: "tuesday 2" },
      { type: "open-session", sessionId: "s2" },
    ]);
  });
});

test("restarts the selected worker after a confirmation", async () => {
  await mount({
    state: { workers: [worker("qna:1"), worker("viz:1", { lastWords: ["segfault"] })] },
  });

  await screen.act("focus-agents", "down");
  expect(screen.text()).toContain("segfault");
  await screen.act("restart-worker", "confirm");

  expect(screen.dispatched).toEqual([{ type: "restart-worker", slot: "box:viz:1" }]);
});

test("asks for one worker more or less of the selected agent, but keeps the last one", async () => {
  await mount({ state: { workers: [worker("qna:0"), worker("viz:0"), worker("viz:1")] } });

  await screen.act("focus-agents", "scale-down", "scale-up", "down", "scale-down");

  expect(screen.dispatched).toEqual([
    { type: "scale-agent", agent: "qna", change: 1 },
    { type: "scale-agent", agent: "viz", change: -1 },
  ]);
});

test("cancels the selected run after a confirmation", async () => {
  await mount({ state: { runs: [halfway()] } });

  await screen.act("cancel-run");
  expect(screen.text()).toContain("Cancel the run");
  await screen.act("confirm");

  expect(screen.dispatched).toEqual([{ type: "cancel-run", runId: "run-1" }]);
});

test("shows why a wish was not fulfilled and what to do", async () => {
  await mount({
    answer: () => ({
      ok: false,
      code: "usage",
      message: "the bus is gone",
      nextStep: "start it again",
    }),
  });

  await screen.act("open");

  expect(screen.rows().at(-1)).toContain("✗ the bus is gone — start it again");
  await screen.set({ now: START + 60_000 });
  expect(screen.rows().at(-1)).toContain("quit");
});

test.each([
  [80, 24],
  [120, 40],
])("shows the events behind a failed step, newest first, at %i×%i", async (columns, rows) => {
  const text =
    "name: x\ndescription: y\nsteps:\n  s: { agent: simulation, retry: { attempts: 1 }, input: { model: sir } }\n  t: { agent: simulation, needs: [s], input: { model: sir } }";
  const told = [{ step: "s", at: 900, failed: "no such model" }];
  await mount({
    columns,
    rows,
    state: { runs: [runView({ id: "run-1", flow: "x", text, told })] },
  });

  await screen.press("l");
  await screen.act("show-why");

  const lines = screen.text().match(/#\d {2}[\d:.]+ {2}[^┃]+/g) ?? [];
  expect(lines.map((line) => line.replace(/ {2}[\d:.]+ {2}/, " ").trim())).toEqual([
    "#2 t was blocked by s",
    "#2 s failed: attempt 1, tool: no such model",
    "#1 s was dispatched as attempt 1",
    "#1 the run was asked for",
  ]);
});

test("explains why a step waits", async () => {
  await mount({ state: { runs: [runView({ id: "run-1", progress: { simulation: {} } })] } });

  await screen.press("l");
  await screen.act("show-why");

  expect(screen.text()).toContain("qna is waiting.");
  expect(screen.text()).toContain("It waits for simulation (running).");
});

test("opens the file of a step and copies over the terminal's clipboard", async () => {
  await mount({ state: { runs: [finished()] } });

  await screen.press("l", "j");
  await screen.act("open-artifact", "copy");

  expect(screen.opened).toEqual(["/artifacts/chart.png"]);
  const copied = Buffer.from("run-1").toString("base64");
  expect(screen.written()).toContain(`\u001B]52;c;${copied}\u0007`);
});

test("shows every key in the help and closes it again", async () => {
  await mount({ columns: 120, rows: 40 });

  await screen.act("show-help");
  expect(screen.text()).toContain("┏━ Keys ━");
  expect(screen.text()).toContain("Ask a question of the selected run.");
  await screen.press(keyOf("end"));
  expect(screen.text()).toContain("Previous field of a form.");
  await screen.act("back");

  expect(screen.text()).not.toContain("Keys");
});
