import fc from "fast-check";
import { expect, test } from "vitest";
import { escapeText } from "../../src/cli/escape-line.ts";

test("leaves no character that moves the cursor, changes the direction or breaks the line", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const shown = escapeText(text);
      expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      expect(escapeText(shown)).toBe(shown);
    }),
  );
});

test("leaves ordinary text as it is", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[\p{L}\p{N}\p{P}\p{S} ]*$/u), (text) => {
      expect(escapeText(text)).toBe(text);
    }),
  );
});
