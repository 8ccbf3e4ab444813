import { afterEach, describe, expect, test } from "vitest";
import { PANE_IDS } from "../../src/ui/model/pane-ids.ts";
import type { MountedScreen, MountOptions } from "../support/mount-screen.ts";
import { mountScreen, topic } from "../support/mount-screen.ts";
import {
  finished,
  halfway,
  QNA_OUTPUT,
  runView,
  SIMULATION_OUTPUT,
} from "../support/run-history.ts";

let screen: MountedScreen;
afterEach(() => screen.close());

async function mount(options: MountOptions): Promise<void> {
  screen = await mountScreen(options);
}

const focused = (): string => /\[\d (\w+)\]/.exec(screen.rows()[2] ?? "")?.[1] ?? "";

describe("focus", () => {
  test("goes round with tab and back with shift-tab", async () => {
    await mount({ state: { runs: [finished()] } });

    const seen: string[] = [];
    for (let index = 0; index < PANE_IDS.length; index += 1) {
      seen.push(focused());
      await screen.act("focus-next");
    }
    expect(seen).toEqual(PANE_IDS);
    expect(focused()).toBe("flow");
    await screen.act("focus-previous");
    expect(focused()).toBe("sessions");
  });

  test.each(PANE_IDS.map((pane, index) => [String(index + 1), pane] as const))(
    "goes with %s to %s, under a heavy rule",
    async (key, pane) => {
      await mount({ columns: 120, rows: 40, state: { runs: [finished()] } });

      await screen.press(key);

      expect(focused()).toBe(pane);
      expect(screen.text()).toMatch(new RegExp(`━ ${key} `));
    },
  );

  test("zooms a pane and shrinks it again", async () => {
    await mount({ columns: 120, rows: 40, state: { runs: [finished()] } });

    await screen.act("focus-agents", "zoom");
    expect(screen.text()).not.toContain("1 Flow ");
    await screen.act("back");

    expect(screen.text()).toContain("1 Flow ");
  });
});

test("understands keys that arrive together", async () => {
  await mount({ state: { runs: [finished()] } });

  await screen.send("\tll6");

  expect(focused()).toBe("events");
  await screen.send("2");
  expect(screen.text()).toContain("[log]");
});

describe("topics", () => {
  test("show a malformed message with its problem", async () => {
    await mount({ state: { topics: [topic("result.qna", { unparsable: 1 }), topic("task.qna")] } });
    screen.message("result.qna", '{"specversion":"1.0"}');
    screen.message("task.qna", "elsewhere");
    screen.message("result.qna", "not json at all", "not valid JSON");

    await screen.act("focus-topics");
    expect(screen.text()).toContain("✗1");
    await screen.act("open");

    expect(screen.text()).toContain("✗ not valid JSON  not json at all");
    expect(screen.text()).toContain("✗ not usable: not valid JSON");
    expect(screen.text()).not.toContain("elsewhere");
    await screen.act("back");
    expect(screen.text()).toContain("task.qna");
  });
});

describe("events", () => {
  test("follow the newest until the reader moves, and then stand still", async () => {
    await mount({});
    for (let index = 0; index < 50; index += 1) screen.event(`event ${index}.`);
    await screen.act("focus-events");
    expect(screen.text()).toContain("event 49.");
    expect(screen.text()).toContain("▾ following");

    await screen.press("k", "k");
    screen.event("event 50.");
    await screen.idle();

    expect(screen.text()).not.toContain("event 50.");
    expect(screen.text()).toContain("‖ paused 1 new");
    await screen.act("follow");
    expect(screen.text()).toContain("event 50.");
  });

  test("reach the oldest and the newest", async () => {
    await mount({});
    for (let index = 0; index < 50; index += 1) screen.event(`event ${index}.`);
    await screen.act("focus-events");

    await screen.act("top");
    expect(screen.text()).toContain("event 0.");
    await screen.act("end");
    expect(screen.text()).toContain("event 49.");
  });

  test("are filtered while a filter is typed: by text, by expression, inverted", async () => {
    await mount({});
    for (const text of ["worker ready", "run started", "worker lost"]) screen.event(text);
    await screen.act("focus-events", "filter");

    await screen.send("WORKER");
    expect(screen.text()).not.toContain("run started");
    await screen.press("ctrl-u");
    await screen.send("/^console run/");
    expect(screen.text()).toContain("run started");
    expect(screen.text()).not.toContain("worker lost");
    await screen.press("ctrl-u");
    await screen.send("!worker\r");
    expect(screen.text()).toContain("run started");
    expect(screen.text()).not.toContain("worker ready");
    await screen.act("back");
    expect(screen.text()).toContain("worker ready");
  });

  test("say what is wrong with an expression, and hide nothing meanwhile", async () => {
    await mount({});
    for (const text of ["worker ready", "run started"]) screen.event(text);
    await screen.act("focus-events", "filter");

    await screen.send("/(run/");
    expect(screen.text()).toContain("✗ missing closing )");
    expect(screen.text()).toContain("worker ready");
    await screen.press("ctrl-u");
    await screen.send("/(run)/");
    expect(screen.text()).not.toContain("✗");
    expect(screen.text()).not.toContain("worker ready");
  });
});

describe("hostile text", () => {
  const evil = "\u001B]52;c;ZXZpbA==\u0007\u001B[3J\u202Etxt\u200B\u009B31m\u0000\u{E0041}";

  test("is shown, never obeyed", async () => {
    const run = runView({
      id: "run-1",
      told: [
        {
          step: "simulation",
          at: 1300,
          output: { ...SIMULATION_OUTPUT, model: { name: "sir", title: evil, timeUnit: "d" } },
        },
        { step: "qna", at: 2000, output: { ...QNA_OUTPUT, answer: evil } },
      ],
    });
    await mount({
      state: { runs: [run], topics: [topic("task.qna", { lastText: evil })] },
    });
    screen.event(evil);
    screen.message("task.qna", evil, evil);

    for (const key of ["l", "6", "5", "enter", "3", "2"]) await screen.press(key);

    expect(screen.written()).not.toContain("\u001B]52");
    expect(screen.written()).not.toContain("\u001B[3J");
    for (const character of ["\u202E", "\u200B", "\u009B", "\u0000", "\u{E0041}"]) {
      expect(screen.written()).not.toContain(character);
    }
    expect(screen.text()).toContain("␛]52;c;ZXZpbA==␇␛[3J<U+202E>txt<U+200B>");
  });
});

describe("size", () => {
  test.each([
    [59, 24],
    [80, 14],
    [20, 5],
    [1, 1],
  ])("asks kindly for room at %i×%i", async (columns, rows) => {
    await mount({ columns, rows, state: { runs: [halfway()] } });

    expect(screen.rows()).toHaveLength(rows);
    if (columns >= 20) expect(screen.text()).toContain("need 60×15");
    await screen.resize(80, 24);

    expect(screen.text()).toContain("1 Flow");
  });

  test("survives a storm of resizes", async () => {
    await mount({ state: { runs: [halfway()] } });
    const sizes = [
      [200, 60],
      [61, 15],
      [1, 1],
      [160, 48],
      [30, 100],
      [300, 20],
      [120, 40],
    ] as const;
    for (const [columns, rows] of [...sizes, ...sizes]) await screen.resize(columns, rows);

    const after = screen.text();
    const fresh = await mountScreen({ columns: 120, rows: 40, state: { runs: [halfway()] } });
    expect(after).toBe(fresh.text());
    await fresh.close();
  });
});

test("shows an error pane instead of dying when a pane cannot be drawn", async () => {
  await mount({
    state: { runs: [finished()] },
    drawChart: () => {
      throw new Error("the pen is broken");
    },
  });

  await screen.press("l", "j");
  expect(screen.text()).toContain("The screen could not be drawn. This is a bug.");
  expect(screen.text()).toContain("the pen is broken");
  await screen.press("q");

  expect(await screen.exit).toMatchObject({ reason: "quit" });
});

test("says everything in words and glyphs when there are no colours", async () => {
  await mount({ colour: "none", state: { runs: [halfway()] } });

  // biome-ignore lint/suspicious/noControlCharactersInRegex: this is about control characters.
  expect(screen.written()).not.toMatch(/\u001B\[[\d;]*(?:3[0-8]|9[0-7])m/);
  expect(screen.text()).toContain("✓ succeeded");
});
