import { describe, expect, test } from "vitest";
import { OperatorError } from "../../src/base/operator-error.ts";
import type { WishFlags } from "../../src/cli/rerun-flags.ts";
import type { WishTexts } from "../../src/cli/rerun-wish.ts";
import { wishOf } from "../../src/cli/rerun-wish.ts";
import { finished } from "../support/run-history.ts";

const NONE: WishFlags = {
  from: undefined,
  only: false,
  set: [],
  inputFile: undefined,
  pinFile: undefined,
};

function wish(flags: Partial<WishFlags>, texts: WishTexts = {}): unknown {
  return wishOf(finished().state, { ...NONE, ...flags }, texts);
}

describe("what the words of rerun wish for", () => {
  test.each<[Partial<WishFlags>, WishTexts, unknown]>([
    [{}, {}, { kind: "from", stepKey: "simulation" }],
    [{ from: "viz" }, {}, { kind: "from", stepKey: "viz" }],
    [{ from: "viz", only: true }, {}, { kind: "only", stepKey: "viz" }],
    [{ set: ["question=why"] }, {}, { kind: "parameters", parameters: { question: "why" } }],
    [
      { from: "viz" },
      { input: "title: new" },
      { kind: "edit-input", stepKey: "viz", input: { title: "new" } },
    ],
    [
      { from: "viz" },
      { output: '{"a": [1]}' },
      { kind: "pin-output", stepKey: "viz", output: { a: [1] } },
    ],
  ])("%j with the files %j", (flags, texts, expected) => {
    expect(wish(flags, texts)).toEqual(expected);
  });

  test.each<[Partial<WishFlags>, WishTexts, RegExp]>([
    [{ from: "vis" }, {}, /no step "vis"/],
    [{ from: "nobody-at-all" }, {}, /no step "nobody-at-all"/],
    [{ only: true }, {}, /--only needs a step/],
    [{ set: ["question=why"], from: "viz" }, {}, /--set finds by itself/],
    [{ set: ["question=why"] }, { output: "1" }, /--set finds by itself/],
    [{}, { input: "a: 1" }, /--input-file is the input of one step/],
    [{ from: "viz", only: true }, { output: "a: 1" }, /--pin-file is the output of one step/],
    [{ from: "viz" }, { input: "a: 1", output: "a: 1" }, /exclude each other/],
    [{ from: "viz" }, { input: "a: [" }, /the input cannot be read/],
    [{ from: "viz" }, { output: "a: [" }, /the output cannot be read/],
  ])("%j with the files %j is refused", (flags, texts, message) => {
    expect(() => wish(flags, texts)).toThrow(message);
    expect(() => wish(flags, texts)).toThrow(OperatorError);
  });
});
