import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { Place } from "../support/product.ts";
import { newPlace, runProduct } from "../support/product.ts";

const MODEL = `<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">
<header><name>Savings</name></header>
<sim_specs time_units="Years"><start>0</start><stop>2</stop><dt>0.5</dt></sim_specs>
<dimensions><dim name="Bank"><elem name="Old"/><elem name="New"/></dim></dimensions>
<model><variables>
<stock name="Sum"><dimensions><dim name="Bank"/></dimensions><eqn>100</eqn><inflow>interest</inflow><units>euro</units></stock>
<flow name="interest"><dimensions><dim name="Bank"/></dimensions><eqn>Sum * rate</eqn></flow>
<aux name="rate"><eqn>0.1</eqn><units>1/year</units></aux>
</variables></model></xmile>
`;

function withModel(text: string): Place {
  const place = newPlace();
  writeFileSync(join(place.work, "mine.xmile"), text);
  return place;
}

/** The shipped example is a Python program. */
const HAS_PYTHON = spawnSync("python3", ["--version"]).status === 0;

const DECEIVING = `command-model: 1
title: "Nice\\e[2J\\u202e model"
time-unit: "s\\x9b2J"
command: [sh, "\\u202ehs.nuf", "{folder}/run.sh"]
parameters:
  rate: { default: 1, doc: "\\e]0;owned\\a" }
`;

test.each([["model", "check", "models/mine.yaml"], ["trust", "models/mine.yaml"], ["models"]])(
  "a model's own texts cannot move the cursor or turn the command around: %s %s",
  async (...args) => {
    const place = newPlace();
    mkdirSync(join(place.work, "models"));
    writeFileSync(join(place.work, "models", "mine.yaml"), DECEIVING);
    writeFileSync(join(place.work, "models", "run.sh"), "echo time,a\n");

    const { code, stdout } = await runProduct(place, args);

    expect(code).toBe(0);
    expect(stdout).toContain("hs.nuf");
    expect(stdout.replaceAll("\n", "")).not.toMatch(
      /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u,
    );
  },
);

describe("models without agents", () => {
  test("run prints a row for each time, in full precision, with arrays by element", async () => {
    const args = ["model", "run", "mine.xmile", "--set", "rate=0.2", "--csv"];
    const { code, stdout, stderr } = await runProduct(withModel(MODEL), args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.split("\n")).toEqual([
      "time,Sum[Old],Sum[New],interest[Old],interest[New],rate",
      "0,100,100,20,20,0.2",
      "0.5,110,110,22,22,0.2",
      "1,121,121,24.200000000000003,24.200000000000003,0.2",
      "1.5,133.1,133.1,26.62,26.62,0.2",
      "2,146.41,146.41,29.282,29.282,0.2",
      "",
    ]);
  });

  test.each([
    [
      "a loop",
      MODEL.replace("<eqn>0.1</eqn>", "<eqn>rate2</eqn>").replace(
        "</variables>",
        '<aux name="rate2"><eqn>rate</eqn></aux></variables>',
      ),
      [],
      /loop without a stock: rate → rate2 → rate \(variable rate, line 8\)/,
    ],
    [
      "a name that is missing",
      MODEL.replace("Sum * rate", "Sum * ratio"),
      [],
      /`ratio` is not defined.*line 7/,
    ],
    ["what is not XML", "hello", [], /not well-formed XML.*line 1/],
    ["an unknown constant", MODEL, ["--set", "rat=1"], /no parameter `rat`.*Did you mean rate/],
    [
      "a value that is no number",
      MODEL,
      ["--set", "rate=high"],
      /--set rate=high is not NAME=NUMBER/,
    ],
  ])("refuse %s with exit code 2 and print no row", async (_, text, flags, says) => {
    const args = ["model", "run", "mine.xmile", "--csv", ...flags];
    const { code, stdout, stderr } = await runProduct(withModel(text), args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(says);
  });

  test("check says yes, or what is wrong and where", async () => {
    const good = await runProduct(withModel(MODEL), ["model", "check", "mine.xmile"]);
    expect(good.code).toBe(0);
    expect(good.stdout).toMatch(/^mine\.xmile is valid: Savings, 5 variables, euler from 0 to 2/);
    const bad = await runProduct(withModel(MODEL.replace('"rate"', '"time"')), [
      "model",
      "check",
      "mine.xmile",
    ]);
    expect(bad.code).toBe(2);
    expect(bad.stderr).toMatch(/mine\.xmile: The name `time` is taken.*line 8/);
    const none = await runProduct(newPlace(), ["model", "check", "gone.xmile"]);
    expect(none.code).toBe(2);
    expect(none.stderr).toMatch(/cannot read gone\.xmile/);
  });

  test("are listed with parameters, units and sources; broken ones with the reason", async () => {
    const place = newPlace();
    mkdirSync(join(place.work, "models"));
    writeFileSync(join(place.work, "models", "savings.xmile"), MODEL);
    writeFileSync(join(place.work, "models", "broken.xmile"), "<xmile/>");
    const { code, stdout } = await runProduct(place, ["models"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^cooling-cup {2}\(built-in\)$/m);
    expect(stdout).toMatch(
      /^savings {2}\(.*models\)\n {2}Savings; time in Years\n {2}rate = 0\.1 1\/year$/m,
    );
    expect(stdout).toMatch(/^broken .*\n {2}cannot run: The file has no <model>/m);
    const json = await runProduct(place, ["models", "--output", "json"]);
    const models = z
      .array(z.looseObject({ name: z.string(), source: z.string() }))
      .parse(JSON.parse(json.stdout));
    expect(models.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["option-price", "predator-prey", "queueing-station", "savings"]),
    );
  });
});

const COMMAND_MODEL = `command-model: 1
title: Growth
source: A book, 1999.
command: ["${process.execPath}", "{folder}/growth.mjs"]
parameters: { rate: { default: 2, flag: --rate } }
`;
const GROWTH = `const rate = Number(process.argv.at(-1));
console.log("time,size");
for (let time = 0; time < 4; time += 1) console.log([time, rate ** time].join());
`;

function withCommand(): Place {
  const place = newPlace();
  mkdirSync(join(place.work, "models"));
  writeFileSync(join(place.work, "models/growth.yaml"), COMMAND_MODEL);
  writeFileSync(join(place.work, "models/growth.mjs"), GROWTH);
  return place;
}

describe("command models", () => {
  test("run nothing before they are trusted, and again after a change", async () => {
    const place = withCommand();
    const run = ["model", "run", "models/growth.yaml", "--set", "rate=3", "--csv"];
    const before = await runProduct(place, run);
    expect({ code: before.code, stdout: before.stdout }).toEqual({ code: 2, stdout: "" });
    expect(before.stderr).toContain("aimie-console trust models/growth.yaml");
    const trusted = await runProduct(place, ["trust", "growth"]);
    expect(trusted.code).toBe(0);
    expect(trusted.stdout).toContain("{folder}/growth.mjs");
    const after = await runProduct(place, run);
    expect(after).toMatchObject({ code: 0, stdout: "time,size\n0,1\n1,3\n2,9\n3,27\n" });
    writeFileSync(join(place.work, "models/growth.mjs"), `${GROWTH}// changed\n`);
    expect((await runProduct(place, run)).code).toBe(2);
  });

  test("are a step of a flow once they are trusted", async () => {
    const place = withCommand();
    const run = ["run", "--set", "model=growth", "--question", "What is the peak of size?"];
    const before = await runProduct(place, [...run, "--output", "json"]);
    expect(before.code).toBe(2);
    expect(before.stderr).toContain("aimie-console trust growth");
    await runProduct(place, ["trust", "growth"]);
    const after = await runProduct(place, [...run, "--output", "json"]);
    expect(after.code).toBe(0);
    expect(after.stdout).toContain('"value": 8');
    expect(after.stdout).not.toContain("growth.mjs");
  });

  test("are listed with their source, their command and whether they are trusted", async () => {
    const { stdout } = await runProduct(withCommand(), ["models", "--output", "json"]);
    expect(JSON.parse(stdout)).toContainEqual(
      expect.objectContaining({ name: "growth", citation: "A book, 1999.", trusted: false }),
    );
    expect(stdout).toContain("Kermack");
  });

  test.runIf(HAS_PYTHON)("the shipped Python model is an epidemic of Reed and Frost", async () => {
    const place = newPlace();
    await runProduct(place, ["trust", "reed-frost"]);
    const rowsFor = async (...values: readonly string[]): Promise<readonly number[][]> => {
      const sets = values.flatMap((value) => ["--set", value]);
      const args = ["model", "run", "reed-frost", "--csv", "--set", "generations=30", ...sets];
      const { code, stdout, stderr } = await runProduct(place, args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      const [, ...rows] = stdout.trim().split("\n");
      return rows.map((row) => row.split(",").map(Number));
    };
    for (const [, susceptible = 0, infectious = 0, removed = 0] of await rowsFor()) {
      expect(susceptible + infectious + removed).toBe(200);
    }
    // Nobody meets anybody; everybody meets everybody.
    expect((await rowsFor("contact_probability=0")).at(-1)).toEqual([30, 199, 0, 1]);
    expect((await rowsFor("contact_probability=1"))[1]).toEqual([1, 0, 199, 1]);
    // The first generation is binomial: 20,000 people, 1 %; 5 standard deviations are 70.
    const [, first] = await rowsFor("people=20001", "contact_probability=0.01");
    expect(Math.abs((first?.[2] ?? 0) - 200)).toBeLessThan(70);
  });
});
