/** A supervisor without a screen whose workers cannot be kept alive. */
import { expect, test } from "vitest";
import { z } from "zod";
import type { Running } from "../support/product.ts";
import { newPlace, signalProcess, startProduct, untilNothingRuns } from "../support/product.ts";

const line = z.looseObject({
  type: z.string(),
  slot: z.string().optional(),
  status: z.string().optional(),
  pid: z.int().nullable().optional(),
});

/** Kills every worker of a supervisor as soon as it tells of one, for as long as it starts them. */
function keepKilling({ child, stdout }: Running): void {
  let read = 0;
  child.stdout?.on("data", () => {
    const lines = stdout().split("\n");
    const whole = lines.slice(read, -1);
    read += whole.length;
    for (const text of whole) {
      const { type, status, pid } = line.parse(JSON.parse(text));
      const isUp = status === "ready" || status === "busy";
      if (type === "worker" && isUp && typeof pid === "number") signalProcess(pid, "SIGKILL");
    }
  });
}

test.each([
  ["agent", ["agent", "qna"], 1],
  ["up", ["up", "--agents", "own"], 4],
])("%s ends with 7 when every worker was given up, and says why", async (_, args, workers) => {
  const place = newPlace();
  const product = startProduct(place, [...args, "--output", "jsonl"]);
  keepKilling(product);
  const { code, stdout, stderr } = await product.ended;
  expect(code).toBe(7);
  const told = stdout
    .trimEnd()
    .split("\n")
    .map((text) => line.parse(JSON.parse(text)));
  expect(told.filter(({ status }) => status === "given-up")).toHaveLength(workers);
  expect(JSON.parse(stderr.trimEnd().split("\n").slice(-1)[0] ?? "")).toMatchObject({
    code: "worker-lost",
    message: expect.stringContaining("given up after 5 crashes within 60 s"),
    nextStep: "aimie-console doctor looks for the cause",
  });
  await untilNothingRuns(place);
});
