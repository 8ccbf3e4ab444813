import { describe, expect, test } from "vitest";
import { gather } from "../../src/bus/gather.ts";

const LIMITS = { items: 3, characters: 10 };

/** Gathers texts; answers each with its length, or as told, and keeps what was sent. */
function gatherTexts(answer: (text: string) => number | Promise<number> = (text) => text.length) {
  const sent: (readonly string[])[] = [];
  const give = gather<string, number>(
    LIMITS,
    (text) => text.length,
    async (texts) => {
      sent.push(texts);
      return texts.map(answer);
    },
  );
  return { sent, give };
}

describe("what is handed over in one turn", () => {
  test("goes together, and each is answered with its own", async () => {
    const { sent, give } = gatherTexts();

    expect(await Promise.all(["a", "bb"].map(give))).toEqual([1, 2]);
    expect(await give("ccc")).toBe(3);

    expect(sent).toEqual([["a", "bb"], ["ccc"]]);
  });

  test("goes in several parts when it is too many or too long", async () => {
    const { sent, give } = gatherTexts();

    await Promise.all(["a", "b", "c", "d", "123456789", "much longer than allowed"].map(give));

    expect(sent).toEqual([["a", "b", "c"], ["d", "123456789"], ["much longer than allowed"]]);
  });

  test("fails alone when only its answer failed", async () => {
    const { give } = gatherTexts((text) => (text === "b" ? Promise.reject(new Error("no")) : 1));

    const outcomes = await Promise.allSettled(["a", "b", "c"].map(give));

    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  });

  test("fails as a whole when it could not be sent", async () => {
    const give = gather<string, number>(
      LIMITS,
      () => 1,
      () => Promise.reject(new Error("away")),
    );

    const outcomes = await Promise.allSettled(["a", "b"].map(give));

    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  });

  test("is told when an answer is missing", async () => {
    const give = gather<string, number>(
      LIMITS,
      () => 1,
      () => Promise.resolve([1]),
    );

    const [first, second] = await Promise.allSettled(["a", "b"].map(give));

    expect(first).toEqual({ status: "fulfilled", value: 1 });
    expect(second?.status).toBe("rejected");
  });
});
