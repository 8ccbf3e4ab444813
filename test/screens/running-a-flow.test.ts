import { afterEach, describe, expect, test } from "vitest";
import type { MountedScreen, MountOptions } from "../support/mount-screen.ts";
import { mountScreen, worker } from "../support/mount-screen.ts";
import { finished, flowText, halfway, runView } from "../support/run-history.ts";

const SIZES = [
  [80, 24],
  [120, 40],
  [160, 48],
  [200, 60],
] as const;

let screen: MountedScreen;
afterEach(() => screen.close());

async function mount(options: MountOptions): Promise<void> {
  screen = await mountScreen(options);
}

test("a step that nobody can do says so, and why tells what to start", async () => {
  const waiting = { ...halfway(), progress: {} };
  const workers = [worker("orchestrator:1"), worker("qna:1"), worker("viz:1", { status: "lost" })];
  await mount({ columns: 120, rows: 40, state: { runs: [waiting], workers } });

  expect(screen.text()).toContain("no viz worker");
  expect(screen.text()).not.toContain("no qna worker");
  await screen.press("right", "down");
  await screen.act("show-why");
  expect(screen.text()).toContain("It waits: no viz worker is alive. Start one");
});

describe.each(SIZES)("at %i×%i", (columns, rows) => {
  test("offers the built-in flow and starts it with Enter", async () => {
    await mount({ columns, rows });

    expect(screen.text()).toContain("to run simulation-qna-viz on the model sir.");
    await screen.act("open");

    expect(screen.dispatched).toEqual([
      { type: "start-run", flowName: "simulation-qna-viz", parameters: {} },
    ]);
  });

  test("shows qna and viz at work side by side after the simulation", async () => {
    await mount({ columns, rows, state: { runs: [halfway()] } });

    const lines = screen.rows();
    const row = (text: string): number => lines.findIndex((line) => line.includes(text));
    expect(lines[row("✓ succeeded")]).toMatch(/1\.2s/);
    expect(row("─ qna ─")).toBeLessThan(row("─ viz ─"));
    expect(lines[row("─ qna ─") + 1]).toContain("◐ running");
    expect(lines[row("─ qna ─") + 2]).toMatch(/█+░+ {2}40%/);
    expect(lines[row("─ viz ─") + 2]).toMatch(/█+░+ {2}75%/);
    expect(lines[0]).toContain("◐ running");
  });

  test("shows the answer with its way, and the chart", async () => {
    await mount({ columns, rows, state: { runs: [finished()] } });

    await screen.press("l");
    expect(screen.text()).toContain("Infectious peaks at 6 021 people on day 9.5.");
    expect(screen.text()).toContain("SELECT time, infectious FROM results");
    await screen.press("j");
    expect(screen.text()).toContain("⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉");
  });

  test("fills every row and stays within the terminal", async () => {
    await mount({ columns, rows, state: { runs: [halfway()] } });

    for (const pane of ["2", "3", "4", "5", "6", "7"]) {
      await screen.press(pane);
      expect(screen.rows()).toHaveLength(rows);
      expect(screen.rows()[0]).toContain("monday ▸ simulation-qna-viz");
      expect(screen.rows()[rows - 1]).toContain("quit");
    }
  });
});

test("shows the run that was begun", async () => {
  const older = finished();
  const begun = runView({ id: "run-2" });
  await mount({
    state: { runs: [older] },
    answer: () => ({ ok: true, runId: begun.runId }),
  });

  await screen.act("new-run", "submit");
  await screen.set({ runs: [begun, older] });

  expect(screen.rows()[0]).toContain("run-2");
});

test("aligns the numbers of a simulation at the right", async () => {
  await mount({ state: { runs: [finished()] } });

  const table = screen
    .rows()
    .filter((line) => /^ {3}(variable|infectious|susceptible|recovered) /.test(line));
  const ends = table.map((line) => line.search(/ {2}people|$/));
  expect(table).toHaveLength(4);
  expect(new Set(ends).size).toBe(1);
});

test("names the failure and what to do about it", async () => {
  const failed = runView({
    id: "run-1",
    text: flowText("simulation-qna-viz").replace("timeout: 5m", "retry: { attempts: 1 }"),
    told: [{ step: "simulation", at: 900, failed: "no model of this name" }],
  });
  await mount({ state: { runs: [failed] } });

  expect(screen.text()).toContain("✗ failed");
  expect(screen.text()).toContain("no model of this name");
  expect(screen.text()).toContain("→ look at its log");
  expect(screen.text()).toContain("⊗ blocked");
});
