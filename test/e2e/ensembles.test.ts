import { expect, test } from "vitest";
import { z } from "zod";
import { newPlace, runProduct } from "../support/product.ts";

const VARY = ["--vary", "contact_rate=uniform(6, 10)", "--runs", "12"];

test("many runs are printed the same, however many threads there are", async () => {
  const args = ["model", "run", "sir", ...VARY, "--csv", "--threads"];
  const place = newPlace();
  const one = await runProduct(place, [...args, "1"]);
  const three = await runProduct(place, [...args, "3"]);

  expect(one).toMatchObject({ code: 0, stderr: "" });
  const lines = one.stdout.trimEnd().split("\n");
  expect(lines[0]).toBe(
    "run,time,susceptible,infectious,recovered,infection,recovery,contact rate,r0,attack rate,peak infectious",
  );
  expect(lines.length).toBe(1 + 12 * 1441);
  expect(three.stdout).toBe(one.stdout);
});

test("what cannot be drawn is refused with exit code 2 and an example", async () => {
  const args = ["model", "run", "sir", "--vary", "contact_rate=about 7"];
  const { code, stdout, stderr } = await runProduct(newPlace(), args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain("`about 7` is no distribution");
  expect(stderr).toContain("rate=uniform(0.2, 0.4)");
});

const reportSchema = z.object({
  answer: z.string(),
  value: z.number().nullable(),
  charts: z.array(z.object({ title: z.string() })),
});

test("the flow ensemble says what matters most, and draws bands and a tornado", async () => {
  const args = ["run", "ensemble", "--set", "runs=40", "--output", "json", "--question"];
  const { code, stdout } = await runProduct(newPlace(), [
    ...args,
    "Which parameter matters most for infectious at its peak?",
  ]);
  expect(code).toBe(0);
  const { answer, value, charts } = reportSchema.parse(JSON.parse(stdout));
  expect(answer).toContain("“contact rate” matters most for the peak of “infectious”");
  expect(value).toBeGreaterThan(0.5);
  expect(charts.map(({ title }) => title)).toEqual([
    "SIR epidemic",
    "SIR epidemic: which parameter matters most",
  ]);
});
