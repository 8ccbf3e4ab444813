/** Charts and reports, as a user asks for them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { newPlace, runProduct } from "../support/product.ts";

const chartsSchema = z.object({
  charts: z.array(z.object({ title: z.string(), png: z.string(), report: z.string() })),
});

describe("charts", () => {
  test("two scenarios are drawn over each other, and the run is reported as one file", async () => {
    const place = newPlace();
    const first = await runProduct(place, [
      ...["run", "compare", "--set", "parameters.contact_rate=4"],
      ...["--set", "other.contact_rate=8", "--output", "json"],
    ]);
    expect({ code: first.code, stderr: first.stderr }).toEqual({ code: 0, stderr: "" });
    const [chart] = chartsSchema.parse(JSON.parse(first.stdout)).charts;
    expect(chart?.title).toContain("contact rate 4 and contact rate 8");
    expect(readFileSync(chart?.report ?? "", "utf8")).toContain("<dt>Compared with</dt>");

    const written = await runProduct(place, ["report", "@latest", "--save", "run.html"]);
    expect({ code: written.code, stderr: written.stderr }).toEqual({ code: 0, stderr: "" });
    const page = readFileSync(join(place.work, "run.html"), "utf8");
    expect(page).toMatch(/<h1>Run \w+: compare<\/h1>/);
    expect(page).toContain("<dt>Flow</dt><dd>compare</dd>");
    expect(page).toContain("parameters = {&quot;contact_rate&quot;:4}");
    expect(page.match(/<svg/g)).toHaveLength(1);
  });

  test("a report of the built-in flow holds its answer", async () => {
    const place = newPlace();
    expect(await runProduct(place, ["run"])).toMatchObject({ code: 0 });
    const { code, stdout } = await runProduct(place, ["report", "@latest"]);
    expect(code).toBe(0);
    expect(stdout).toContain("What is the peak of infectious, and when does it occur?");
    expect(stdout).toMatch(/<p class="answer">“infectious” peaks at/);
    expect(stdout).toContain("aimie-console 0.1.0");
  });

  test("a report of nothing is a clear error", async () => {
    const { code, stderr } = await runProduct(newPlace(), ["report", "nothing"]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/nothing/);
  });
});
