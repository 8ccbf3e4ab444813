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
