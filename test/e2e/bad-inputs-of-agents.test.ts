/**
 * Bad inputs of each agent: a clear failure, and everybody goes on. One supervisor is held for all
 * of them; its workers must be the same processes at the end.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import type { Place } from "../support/product.ts";
import { BROKERS, newPlace, runProduct, startProduct } from "../support/product.ts";
import { waitUntil } from "../support/wait-until.ts";

/** A step's agent and input; `good` is the output of a simulation that went well. */
interface BadInput {
  readonly agent: string;
  readonly what: string;
  readonly input: string;
  /** The failure of the step, or what the run is refused with before it begins. */
  readonly says: RegExp;
}

const GOOD = `\${{ steps.good.output }}`;

const BAD_INPUTS: readonly BadInput[] = [
  { agent: "simulation", what: "a model there is not", input: "model: nowhere", says: /nowhere/ },
  {
    agent: "simulation",
    what: "a constant there is not",
    input: "model: sir\n      parameters: { contact_rat: 4 }",
    says: /contact_rat/,
  },
  {
    agent: "simulation",
    what: "a time step below zero",
    input: "model: sir\n      timeStep: -1",
    says: /timeStep/,
  },
  {
    agent: "simulation",
    what: "a text that is no model",
    input: "model: mine\n      modelText: '<xmile>'",
    says: /not well-formed XML/,
  },
  {
    agent: "qna",
    what: "no question",
    input: `question: ""\n      simulation: ${GOOD}`,
    says: /question/,
  },
  {
    agent: "qna",
    what: "an output that is none of a simulation",
    input: 'question: "What is the peak?"\n      simulation: { table: 1 }',
    says: /simulation\.\w+/,
  },
  {
    agent: "viz",
    what: "a variable there is not",
    input: `simulation: ${GOOD}\n      variables: [infectiuos]`,
    says: /no variable "infectiuos".*infectious/s,
  },
  {
    agent: "viz",
    what: "a chart the data cannot give",
    input: `simulation: ${GOOD}\n      chart: band`,
    says: /needs a table of quantiles/,
  },
  {
    agent: "viz",
    what: "a chart there is not",
    input: `simulation: ${GOOD}\n      chart: pie`,
    says: /chart/,
  },
  {
    agent: "viz",
    what: "a spec that reads a file",
    input: `simulation: ${GOOD}\n      spec: { mark: line, layer: [{ data: { url: "file:///etc/passwd" } }] }`,
    says: /layer\.0\.data\.url/,
  },
  {
    agent: "words",
    what: "a number for a text",
    input: "text: 7",
    says: /text: .*expected string/,
  },
  {
    agent: "words",
    what: "an input it does not know",
    input: "text: a\n      loud: 1",
    says: /loud/,
  },
];

const runSchema = z.object({
  steps: z.array(
    z.object({
      step: z.string(),
      status: z.string(),
      failure: z.object({ message: z.string(), nextStep: z.string().optional() }).nullable(),
    }),
  ),
});

function flowOf({ agent, input }: BadInput): string {
  return `name: bad
steps:
  good:
    agent: simulation
    input: { model: sir }
  bad:
    agent: ${agent}
    needs: good
    input:
      ${input}
    retry: { attempts: 1 }
`;
}

/** The living workers and their processes, as `agents` tells them. */
async function workersOf(place: Place): Promise<string> {
  const { stdout } = await runProduct(place, ["agents", "--output", "json"]);
  const workers = z
    .array(z.object({ slot: z.string(), pid: z.number() }))
    .parse(JSON.parse(stdout));
  return workers.map(({ slot, pid }) => `${slot} ${pid}`).join("\n");
}

describe("bad inputs", () => {
  test("fail clearly and leave every agent running", { timeout: 300_000 }, async () => {
    const place = newPlace(BROKERS.at(-1));
    await runProduct(place, ["agent-init", "words"]);
    await runProduct(place, ["trust", "words"]);
    const up = startProduct(place, ["up"]);
    onTestFinished(() => void up.child.kill("SIGTERM"));
    await waitUntil("all are up", () => up.stdout().includes("up: 5 workers"));
    let before = "";
    await waitUntil("all have given a sign of life", async () => {
      before = await workersOf(place);
      return before.split("\n").length === 5;
    });
    for (const bad of BAD_INPUTS) {
      const what = `${bad.agent}: ${bad.what}`;
      writeFileSync(join(place.work, "bad.yaml"), flowOf(bad));
      const { code, stdout, stderr } = await runProduct(place, [
        ...["run", "bad.yaml", "--output", "json"],
      ]);
      expect([1, 2], `${what}: ${stderr}`).toContain(code);
      const step = code === 2 ? undefined : stepsOf(stdout).find((one) => one.step === "bad");
      const { message, nextStep } = step?.failure ?? { message: stderr };
      expect(`${message} ${nextStep ?? ""}`, what).toMatch(bad.says);
      const good = code === 2 ? "succeeded" : stepsOf(stdout)[0]?.status;
      expect([what, good]).toEqual([what, "succeeded"]);
    }
    expect(await workersOf(place)).toBe(before);
    expect(await runProduct(place, ["run"])).toMatchObject({ code: 0 });
    expect(await runProduct(place, ["run", "try-words"])).toMatchObject({ code: 0 });
  });
});

function stepsOf(stdout: string) {
  const { steps } = runSchema.parse(JSON.parse(stdout));
  return steps.toSorted((left, right) => right.step.localeCompare(left.step));
}
