import fc from "fast-check";
import { expect, test } from "vitest";
import { writeReport } from "../../src/engines/chart/report.ts";

const svg = '<svg role="img" width="1" height="1"><title>A</title></svg>';

test("holds chart, answer, table and making, and needs nothing from elsewhere", () => {
  const page = writeReport({
    title: "Run 1",
    charts: [{ title: "A", description: "A line.", svg }],
    answers: [{ question: "Which?", answer: "42 people.", how: "by counting" }],
    tables: [
      { caption: "Numbers", columns: ["name", "value"], rows: [["a", 1.5]] },
      { caption: "More", columns: ["x"], rows: [[2]] },
    ],
    making: [["Model", "sir"]],
  });
  for (const part of [svg, "42 people.", "by counting", "A line.", "<dt>Model</dt><dd>sir</dd>"]) {
    expect(page).toContain(part);
  }
  expect(page).toContain('<td class="number">1.5</td>');
  expect(page).toContain("default-src 'none'");
  expect(page).not.toMatch(/<(script|link|img|iframe)|src=|href=|url\(|@import/i);
});

test("whatever its texts say, they stay texts", () => {
  const hostile = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom(
      "<script>x</script>",
      '"><img src=x onerror=y>',
      "</style><b>",
      "\u202Eabc",
      "\u0000",
    ),
  );
  fc.assert(
    fc.property(hostile, (text) => {
      const page = writeReport({
        title: text,
        charts: [{ title: text, description: text, svg }],
        answers: [{ question: text, answer: text, how: text }],
        tables: [{ caption: text, columns: [text], rows: [[text]] }],
        making: [[text, text]],
      });
      const plain = writeReport({
        title: "",
        charts: [{ title: "", description: "", svg }],
        answers: [{ question: "", answer: "", how: "" }],
        tables: [{ caption: "", columns: [""], rows: [[""]] }],
        making: [["", ""]],
      });
      const tags = (one: string) => one.match(/<[^>]*>/g);
      expect(tags(page)).toEqual(tags(plain));
      expect(page).not.toMatch(/[\u202A-\u202E\u2066-\u2069]/);
      expect(page).not.toContain("\u0000");
    }),
  );
});
