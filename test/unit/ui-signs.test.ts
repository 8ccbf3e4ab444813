import { describe, expect, test } from "vitest";
import { seenRuns, signsFor } from "../../src/ui/signs.ts";
import { themeForGround } from "../../src/ui/theme.ts";
import { finished, halfway, runView } from "../support/run-history.ts";

describe("signs for an operator who looks elsewhere", () => {
  test("are given once when a run ends", () => {
    const before = seenRuns([halfway()]);

    expect(signsFor(before, [finished()], ["bell"])).toBe("\u0007");
    expect(signsFor(seenRuns([finished()]), [finished()], ["bell"])).toBe("");
    expect(signsFor(before, [halfway()], ["bell"])).toBe("");
  });

  test("are not given for runs that had ended before they were seen", () => {
    expect(signsFor(seenRuns([]), [finished()], ["bell", "osc9"])).toBe("");
  });

  test("name the flow and what became of it, and cannot be broken out of", () => {
    const text =
      "name: x\ndescription: y\nsteps:\n  s: { agent: simulation, input: { model: sir } }";
    const story = { id: "run-9", flow: "evil", text };
    const before = seenRuns([runView(story)]);
    const after = runView({
      ...story,
      told: [{ step: "s", at: 9, failed: "no" }, { cancelAt: 10 }],
    });
    const hostile = {
      ...after,
      state: {
        ...after.state,
        status: "failed" as const,
        origin: {
          ...after.state.origin,
          flow: { ...after.state.origin.flow, name: "a;b\u0007\u001B]52;c;AA==\u0007" },
        },
      },
    };

    const signs = signsFor(before, [hostile], ["osc9", "osc777"]);
    expect(signs.split("\u0007")).toHaveLength(3);
    expect(signs.split("\u001B")).toHaveLength(3);
    expect(signs).toContain("failed");
  });

  test("show how much is done, and take the bar away when nothing is under way", () => {
    expect(signsFor(seenRuns([]), [halfway()], ["progress"])).toBe("\u001B]9;4;1;33\u0007");
    expect(signsFor(seenRuns([halfway()]), [finished()], ["progress"])).toBe("\u001B]9;4;0\u0007");
  });
});

test.each([
  ["rgb:ffff/ffff/ffff", "light"],
  ["rgb:0000/0000/0000", "dark"],
  ["rgb:fd/f6/e3", "light"],
  ["rgb:1e1e/1e1e/2e2e", "dark"],
  ["rgba:ffff/ffff/ffff/0000", "light"],
  ["what?", undefined],
  ["", undefined],
])("a terminal whose ground is %s gets the theme %s", (answer, theme) => {
  expect(themeForGround(answer)).toBe(theme);
});
