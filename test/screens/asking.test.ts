import { afterEach, describe, expect, test } from "vitest";
import type { JsonValue } from "../../src/base/json-value.ts";
import type { RunView } from "../../src/console/console-state.ts";
import { runIdSchema } from "../../src/protocol/ids.ts";
import type { MountedScreen, MountOptions } from "../support/mount-screen.ts";
import { mountScreen } from "../support/mount-screen.ts";
import { finished, QNA_OUTPUT, runView, SIMULATION_OUTPUT, START } from "../support/run-history.ts";

let screen: MountedScreen;
afterEach(() => screen.close());

async function mount(options: MountOptions): Promise<void> {
  screen = await mountScreen(options);
}

/** A question about the finished run. */
function asked(change: Partial<Parameters<typeof runView>[0]> = {}): RunView {
  return runView({
    id: "run-2",
    flow: "ask",
    spec: {
      basedOn: runIdSchema.parse("run-1"),
      parameters: { question: "When is the peak?" },
      basedOnOutputs: { simulation: SIMULATION_OUTPUT as unknown as JsonValue },
    },
    ...change,
  });
}

const answered = (answer: string): RunView =>
  asked({ told: [{ step: "qna", at: 900, output: { ...QNA_OUTPUT, answer } }] });

describe("earlier questions", () => {
  const questions = ["What is the peak?", "Who recovers?"];

  test("come back with up, the newest first, and go with down to what was being written", async () => {
    await mount({ state: { runs: [finished()], questions } });
    await screen.act("ask-question");
    expect(screen.text()).toContain("↑↓ earlier questions");
    await screen.send("How ma");

    await screen.press("up");
    expect(screen.text()).toContain("› What is the peak?");
    await screen.press("up", "up", "up");
    expect(screen.text()).toContain("› Who recovers?");
    await screen.press("down");
    expect(screen.text()).toContain("› What is the peak?");
    await screen.press("down", "down");
    expect(screen.text()).toContain("› How ma");
  });

  test("can be changed and asked again", async () => {
    await mount({ state: { runs: [finished()], questions } });

    await screen.act("ask-question");
    await screen.press("up", "backspace");
    await screen.send(" of infectious?\r");

    expect(screen.dispatched).toEqual([
      { type: "ask-question", runId: "run-1", question: "What is the peak of infectious?" },
    ]);
  });

  test("are not offered where there are none, nor for a name", async () => {
    await mount({ state: { runs: [finished()], questions: [] } });
    await screen.act("ask-question");
    await screen.send("So");
    await screen.press("up", "down");
    expect(screen.text()).toContain("› So");
    expect(screen.text()).not.toContain("earlier question");
    expect(screen.rows().at(-1)).not.toContain("field");
    await screen.press("escape");
    await screen.set({ questions });
    await screen.act("focus-sessions", "rename-session");

    await screen.press("up");

    expect(screen.text()).toContain("› monday");
  });
});

describe("an answer", () => {
  test.each([
    [80, 24],
    [120, 40],
  ])("is shown while it is written, at %d×%d", async (columns, rows) => {
    const run = asked({
      progress: { qna: { message: "Writing the answer", text: "At most 6,021 \u001B[2Jpeople" } },
    });
    await mount({
      columns,
      rows,
      state: { runs: [finished()] },
      answer: () => ({ ok: true, runId: run.runId }),
    });
    await screen.act("ask-question");
    await screen.send("When is the peak?\r");
    await screen.set({ runs: [run, finished()], now: START + 500 });

    expect(screen.text()).toContain("At most 6,021 ");
    expect(screen.text()).toContain("people▍");
    expect(screen.written()).not.toContain("\u001B[2Jpeople");
    await screen.set({ runs: [answered("The peak is 6,021 people."), finished()] });
    expect(screen.text()).toContain("The peak is 6,021 people.");
    expect(screen.text()).not.toContain("▍");
  });

  test("says of each number where it is from, and goes there", async () => {
    const answer = "Infectious peaks at 6 021 people on day 9.5; 28.31 are left, a share of 77 %.";
    await mount({ columns: 120, rows: 40, state: { runs: [answered(answer), finished()] } });

    await screen.act("show-sources");
    expect(screen.text()).toContain("▸ 6 021  maximum of infectious, at 9.5 days, row 39 of 401");
    expect(screen.text()).toContain("  9.5  when infectious is at its maximum");
    expect(screen.text()).toContain("28.31  infectious at the end, 100 days, row 401 of 401");
    expect(screen.text()).toContain("  77 %  worked out from the table, not found as such");
    expect(screen.text()).toContain("table.parquet, 48.2 kB, made by run-1 simulation");
    await screen.press("j", "j", "enter");

    expect(screen.text()).not.toContain("Sources of the answer");
    expect(screen.rows()[0]).toContain("run-1");
    expect(screen.text()).toContain("━ 2 simulation ━");
    expect(screen.text()).toContain("▸ infectious");
    await screen.act("open-artifact");
    expect(screen.opened).toEqual(["/artifacts/table.parquet"]);
  });

  test("leads back to the answer with esc, unless one has gone on from there", async () => {
    await mount({
      columns: 120,
      rows: 40,
      state: { runs: [answered("Infectious peaks at 6 021 people on day 9.5."), finished()] },
    });
    await screen.act("show-sources");
    await screen.press("j", "enter");
    expect(screen.rows()[0]).toContain("run-1");

    await screen.press("escape");
    expect(screen.rows()[0]).toContain("run-2");
    expect(screen.text()).toContain("▸   9.5  when infectious");
    await screen.press("escape");
    expect(screen.text()).not.toContain("Sources of the answer");
    expect(screen.text()).toContain("[2 detail]");

    await screen.act("show-sources");
    await screen.press("enter", "1", "l", "2", "escape");
    expect(screen.rows()[0]).toContain("run-1");
    expect(screen.text()).toContain("[1 flow]");
  });

  test("does not move the summary's columns when a row is marked", async () => {
    await mount({
      columns: 120,
      rows: 40,
      state: { runs: [answered("Infectious peaks at 6 021 people."), finished()] },
    });
    const head = (): string | undefined => screen.rows().find((row) => /variable +start/.test(row));
    await screen.act("show-sources", "submit");
    expect(screen.text()).toContain("▸ infectious");
    const marked = head();
    expect(marked).toBeDefined();

    await screen.press("escape", "escape", "3", "j", "enter", "2");

    expect(screen.text()).not.toContain("▸ infectious");
    expect(head()).toBe(marked);
  });

  test("names the numbers of a language model that nothing bears out", async () => {
    const usage = { requests: 1, toolCalls: 1, inputTokens: 9, outputTokens: 9, cost: null };
    const model = {
      name: "m",
      grounded: false,
      ungrounded: ["4711", "35 %"],
      offlineAnswer: "It is 6 021.",
      usage,
    };
    const output = { ...QNA_OUTPUT, answer: "It is 4711, or 35 %.", model };
    await mount({ columns: 120, rows: 40, state: { runs: [finished()] } });
    await screen.set({ runs: [asked({ told: [{ step: "qna", at: 900, output }] }), finished()] });

    await screen.press("2");

    expect(screen.text()).toContain("! in no result of a tool nor in the question: 4711, 35 %");
    expect(screen.text()).toContain("offline analyst  It is 6 021.");
  });

  test("brings a row into view that lies below the pane", async () => {
    const [first] = SIMULATION_OUTPUT.variables;
    if (first === undefined) throw new Error("no variable");
    const many = Array.from({ length: 60 }, (_, index) => ({
      ...first,
      name: `stock_${index}`,
      label: `stock ${index}`,
      maximum: 1000 + index,
    }));
    const output = { ...SIMULATION_OUTPUT, variables: many, highlights: [] };
    const simulated = runView({ id: "run-1", told: [{ step: "simulation", at: 900, output }] });
    const run = asked({
      spec: {
        basedOn: runIdSchema.parse("run-1"),
        parameters: { question: "How high is stock 50?" },
        basedOnOutputs: { simulation: output as unknown as JsonValue },
      },
      told: [
        { step: "qna", at: 900, output: { ...QNA_OUTPUT, answer: "It is 1,050.", sql: null } },
      ],
    });
    await mount({ state: { runs: [run, simulated] } });

    await screen.act("show-sources", "submit");
    expect(screen.text()).toContain("▸ stock 50");
    await screen.press("j");
    expect(screen.text()).toContain("▸ stock 50");
  });

  test("tells when there is nothing to trace, or nowhere to go", async () => {
    await mount({ columns: 120, rows: 40, state: { runs: [finished()] } });
    await screen.act("show-sources");
    expect(screen.rows().at(-1)).toContain("simulation has no answer");
    await screen.set({ runs: [answered("Nobody recovers.")] });
    await screen.act("show-sources");
    expect(screen.rows().at(-1)).toContain("there is no number in this answer");
    await screen.set({ runs: [answered("The peak is 6,021.")] });

    await screen.act("show-sources", "submit");

    expect(screen.text()).toContain("is not in this session any more");
  });
});
