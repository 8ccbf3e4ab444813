import { describe, expect, test } from "vitest";
import { OperatorError } from "../../src/base/operator-error.ts";
import { verdictOf } from "../../src/cli/verdict.ts";
import { finished } from "../support/run-history.ts";

type Flags = Parameters<typeof verdictOf>[1];
const verdict = (flags: Flags): unknown => verdictOf(finished().state, flags);

describe("what the words of approve say", () => {
  test.each<[Flags, unknown]>([
    [{}, { kind: "approve" }],
    [{ reject: "too steep" }, { kind: "reject", reason: "too steep" }],
    [{ reject: "" }, { kind: "reject", reason: "" }],
    [
      { pushBack: "simulation", feedback: "longer" },
      { kind: "push-back", to: "simulation", feedback: "longer" },
    ],
  ])("%j", (flags, expected) => {
    expect(verdict(flags)).toEqual(expected);
  });

  test.each<[Flags, string]>([
    [{ feedback: "longer" }, "--feedback goes to an earlier step"],
    [{ reject: "no", feedback: "longer" }, "--feedback goes to an earlier step"],
    [{ reject: "no", pushBack: "simulation", feedback: "longer" }, "exclude each other"],
    [{ pushBack: "simulation" }, "--push-back needs a word"],
    [{ pushBack: "simulatoin", feedback: "longer" }, 'the run has no step "simulatoin"'],
  ])("%j is refused", (flags, message) => {
    expect(() => verdict(flags)).toThrow(message);
    expect(() => verdict(flags)).toThrow(OperatorError);
  });
});
