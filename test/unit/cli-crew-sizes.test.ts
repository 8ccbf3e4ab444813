import { expect, test } from "vitest";
import { crewSizesSchema, writeCrewSizes } from "../../src/cli/crew-sizes.ts";

test("reads how many workers of each agent are wanted, and writes them the same way", () => {
  const sizes = crewSizesSchema.parse("simulation=2, qna=1,my-own=3");
  expect(sizes).toEqual({ simulation: 2, qna: 1, "my-own": 3 });
  expect(writeCrewSizes(sizes)).toBe("simulation=2,qna=1,my-own=3");
});

test.each(["", "qna", "qna=", "qna=0", "qna=65", "qna=-1", "qna=1.5", "toString=2", "qna=1,,"])(
  "refuses %j and says how it is written",
  (text) => {
    const read = crewSizesSchema.safeParse(text);
    expect(read.error?.issues[0]?.message).toContain("write AGENT=NUMBER");
  },
);
