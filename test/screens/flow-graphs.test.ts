import { afterEach, describe, expect, test } from "vitest";
import type { MountedScreen } from "../support/mount-screen.ts";
import { mountScreen } from "../support/mount-screen.ts";
import { runView } from "../support/run-history.ts";

let screen: MountedScreen;
afterEach(() => screen.close());

/** A flow of simulations by what each needs: `b: a` after `a`. */
function flowYaml(needs: Readonly<Record<string, readonly string[]>>): string {
  const steps = Object.entries(needs).map(
    ([id, before]) =>
      `  ${id}: { agent: simulation, needs: [${before.join(", ")}], input: { model: sir } }`,
  );
  return ["name: drawn", "description: For drawing.", "steps:", ...steps].join("\n");
}

async function draw(
  needs: Readonly<Record<string, readonly string[]>>,
  [columns, rows]: readonly [number, number],
): Promise<void> {
  const run = runView({ id: "run-1", flow: "drawn", text: flowYaml(needs) });
  screen = await mountScreen({ columns, rows, state: { runs: [run] } });
}

describe("the graph of a flow", () => {
  test("leads an edge that skips a stage around what is between", async () => {
    await draw({ load: [], clean: ["load"], report: ["load", "clean"] }, [120, 40]);
    await screen.press("z");

    const text = screen.text();
    expect(text).toMatch(/┃──┬─▸│ ○ waiting +│──┬─▸│ ○ waiting/);
    expect(text).toMatch(/ ╰─{30,}╯ /);
  });

  test("keeps unrelated branches apart, a row each where frames do not fit", async () => {
    await draw({ a: [], b: [], c: ["a"], d: ["b"], e: ["c", "d"] }, [160, 48]);

    expect(screen.text()).toMatch(/› ◔ a +3\.5s ────▸ +○ c +──┬─▸ +○ e/);
    expect(screen.text()).toMatch(/ {2}◔ b +3\.5s ────▸ +○ d +──╯/);
  });

  test("of forty steps says that there are more stages and brings them when one walks there", async () => {
    const names = Array.from({ length: 38 }, (_, index) => `s${index}`);
    const before = (at: number): readonly string[] => (at < 4 ? ["first"] : [`s${at - 4}`]);
    const needs = Object.fromEntries(names.map((name, at) => [name, before(at)]));
    await draw({ first: [], ...needs, last: names.slice(-4) }, [200, 60]);

    expect(screen.text()).toMatch(/│────▸│ ○ waiting +│/);
    expect(screen.text()).toMatch(/[│╯╮]›/);
    expect(screen.text()).not.toContain("─ last ─");
    for (let stage = 0; stage < 11; stage += 1) await screen.act("right");
    expect(screen.text()).toMatch(/━ last ━/);
    expect(screen.text()).toContain("‹");
  });
});
