import fc from "fast-check";
import stringWidth from "string-width";
import { describe, expect, test } from "vitest";
import { escapeText, isPlain } from "../../src/ui/escape-text.ts";
import { cell, fitLine, lineWidth, span, truncate, wrapText } from "../../src/ui/spans.ts";
import { themeOf } from "../../src/ui/theme.ts";

describe("escaping", () => {
  test.each([
    ["plain text", "plain text"],
    ["Grüße 日本 😀", "Grüße 日本 😀"],
    ["\u001B[2J", "␛[2J"],
    ["a\u0000\t\n\r\u007F", "a␀␉␊␍␡"],
    ["\u009B31m", "<U+009B>31m"],
    ["\u202Egnp.exe", "<U+202E>gnp.exe"],
    ["\u2066x\u2069", "<U+2066>x<U+2069>"],
    ["a\u200Bb\uFEFF", "a<U+200B>b<U+FEFF>"],
    ["\u{E0041}", "<U+E0041>"],
    ["\uD800", "<U+D800>"],
  ])("%j becomes %s", (text, shown) => {
    expect(escapeText(text)).toBe(shown);
  });

  test("leaves nothing that a terminal obeys, and is done after once", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const shown = escapeText(text);
        expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
        expect(escapeText(shown)).toBe(shown);
      }),
      { numRuns: 5000 },
    );
  });
});

describe("cutting", () => {
  test.each([
    ["abcdef", 6, "abcdef"],
    ["abcdef", 5, "abcd…"],
    ["日本語", 6, "日本語"],
    ["日本語", 5, "日本…"],
    ["日本語", 4, "日…"],
    ["abc", 0, ""],
    ["abc", 1, "…"],
  ])("%s to %i columns is %s", (text, width, cut) => {
    expect(truncate(text, width)).toBe(cut);
  });

  test("never exceeds the width, and a cell always fills it", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme" }),
        fc.integer({ min: 0, max: 40 }),
        (text, width) => {
          expect(stringWidth(truncate(text, width))).toBeLessThanOrEqual(width);
          expect(stringWidth(cell(text, width))).toBe(width);
          expect(lineWidth(fitLine([span(text), span(text)], width))).toBe(width);
        },
      ),
      { numRuns: 5000 },
    );
  });

  test("wraps at spaces and keeps every word", () => {
    expect(wrapText("the quick brown fox", 10)).toEqual(["the quick", "brown fox"]);
    expect(wrapText("abcdefghij", 4)).toEqual(["abcd", "efgh", "ij"]);
    expect(wrapText("one\ntwo", 10)).toEqual(["one", "two"]);
  });

  test("wraps any text into lines of the width", () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 2, max: 30 }), (text, width) => {
        for (const line of wrapText(text, width)) {
          expect(stringWidth(line)).toBeLessThanOrEqual(Math.max(width, 2));
        }
      }),
    );
  });
});

describe("painting", () => {
  const line = [span("ok", "good", true), span(" text")];

  test("uses no colour where there is none, but keeps bold", () => {
    expect(themeOf("none").paint(line, 8)).toBe("\u001B[1mok\u001B[0m text ");
  });

  test("uses the terminal's palette with 16 colours", () => {
    expect(themeOf("16").paint(line, 8)).toBe("\u001B[1;32mok\u001B[0m text ");
  });
});

test("what is taken for plain is one column and one letter wide, and needs no escape", () => {
  const letters = new Intl.Segmenter(undefined, { granularity: "grapheme" });
  const plain = Array.from({ length: 0x1_0000 }, (_, code) => String.fromCharCode(code)).filter(
    isPlain,
  );
  expect(plain.length).toBeGreaterThan(1000);
  for (const one of plain) {
    expect({ one, width: stringWidth(one) }).toEqual({ one, width: 1 });
    expect([...letters.segment(`a${one}${one}b`)]).toHaveLength(4);
    expect(one).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{M}]/u);
  }
});
