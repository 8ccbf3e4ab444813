import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Key } from "../../src/ui/key-parser.ts";
import { KeyParser } from "../../src/ui/key-parser.ts";

function keysOf(...chunks: readonly string[]): readonly Key[] {
  const parser = new KeyParser();
  return [...chunks.flatMap((chunk) => parser.push(chunk)), ...parser.flush()];
}

const namesOf = (...chunks: readonly string[]): readonly string[] =>
  keysOf(...chunks).map((key) => key.name);

describe("keys", () => {
  test.each([
    ["gg", ["g", "g"]],
    ["jjj\r", ["j", "j", "j", "enter"]],
    ["\u001B[A\u001BOB\u001B[1;5C", ["up", "down", "ctrl-right"]],
    ["\u001B[5~\u001B[6~\u001B[3~\u001B[12~\u001BOQ", ["pageup", "pagedown", "delete", "f2", "f2"]],
    ["\t\u001B[Z\u007F\u0003\u0004", ["tab", "shift-tab", "backspace", "ctrl-c", "ctrl-d"]],
    ["\u001Bx", ["alt-x"]],
    ["\u001B\u001B[A", ["escape", "up"]],
    ["ü😀", ["ü", "😀"]],
  ])("reads %j", (text, names) => {
    expect(namesOf(text)).toEqual(names);
  });

  test("takes a lone ESC for the escape key only when nothing follows", () => {
    const parser = new KeyParser();

    expect(parser.push("\u001B")).toEqual([]);
    expect(parser.pending).toBe(true);
    expect(parser.flush()).toEqual([{ name: "escape", text: null }]);
    expect(parser.pending).toBe(false);
  });

  test("gives presses and the wheel of the mouse with their place", () => {
    const keys = new KeyParser().push("\u001B[<0;10;20M\u001B[<64;1;1M\u001B[<65;300;2M");
    expect(keys).toEqual([
      { name: "click", text: null, at: { x: 9, y: 19 } },
      { name: "wheel-up", text: null, at: { x: 0, y: 0 } },
      { name: "wheel-down", text: null, at: { x: 299, y: 1 } },
    ]);
  });

  test("gives the terminal's ground", () => {
    const keys = new KeyParser().push("\u001B]11;rgb:ffff/0/8a\u001B\\x");
    expect(keys).toEqual([
      { name: "ground", text: "rgb:ffff/0/8a" },
      { name: "x", text: "x" },
    ]);
  });

  test.each([
    ["mouse moves and releases (SGR)", "\u001B[<35;10;20M\u001B[<0;10;20m"],
    ["mouse (X10)", "\u001B[M !!"],
    ["focus", "\u001B[I\u001B[O"],
    ["cursor position", "\u001B[24;80R"],
    ["device attributes", "\u001B[?62;22c"],
    ["foreground colour", "\u001B]10;rgb:0000/0000/0000\u001B\\"],
    ["version", "\u001BP>|xterm(390)\u001B\\"],
    ["kitty flags", "\u001B[?1u"],
  ])("swallows reports: %s", (_name, report) => {
    expect(namesOf(`a${report}b`)).toEqual(["a", "b"]);
  });

  test("gives a paste as one key, escape sequences and line breaks included", () => {
    expect(keysOf("a\u001B[200~q\r\u001B[A\u001B[201~b")).toEqual([
      { name: "a", text: "a" },
      { name: "paste", text: "q\r\u001B[A" },
      { name: "b", text: "b" },
    ]);
  });

  test("does not wait forever for an endless sequence", () => {
    expect(namesOf(`\u001B[${"1;".repeat(2000)}`, "x").at(-1)).toBe("x");
    expect(namesOf(`\u001B]${"1".repeat(9000)}`, "x")).toContain("x");
  });
});

const piece = fc.oneof(
  fc.constantFrom(
    "\u001B[A",
    "\u001B[1;5C",
    "\u001BOQ",
    "\u001B[3~",
    "\r",
    "\t",
    "\u007F",
    "g",
    "é",
  ),
  fc.constantFrom(
    "\u001B[<0;1;2M",
    "\u001B[I",
    "\u001B[M abc",
    "\u001B]11;x\u0007",
    "\u001Bx",
    "😀",
  ),
  fc
    .string({ maxLength: 8 })
    .map((text) => `\u001B[200~${text.replaceAll("\u001B", "")}\u001B[201~`),
  fc.string({ unit: "grapheme", maxLength: 4 }),
);

test("any chunking of the same characters gives the same keys", () => {
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 12 }),
      fc.array(fc.nat(), { maxLength: 20 }),
      (pieces, cuts) => {
        const text = pieces.join("");
        const places = [
          ...new Set([0, ...cuts.map((cut) => cut % (text.length + 1)), text.length]),
        ];
        places.sort((left, right) => left - right);
        const chunks = places.slice(1).map((end, index) => text.slice(places[index], end));

        expect(keysOf(...chunks)).toEqual(keysOf(text));
      },
    ),
    { numRuns: 500 },
  );
});

test("no input makes the parser throw or hold back more than one sequence", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const parser = new KeyParser();
      parser.push(text);
      parser.flush();
      parser.push("\u001B[201~");
      expect(parser.push("x").at(-1)?.name).toBe("x");
    }),
  );
});
