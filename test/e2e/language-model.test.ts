import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { qnaOutputSchema } from "../../src/protocol/agent-data.ts";
import { LANGUAGE_MODEL_PROVIDERS } from "../../src/protocol/language-model.ts";
import type { Brain } from "../support/fake-model-endpoint.ts";
import { startFakeEndpoint } from "../support/fake-model-endpoint.ts";
import { newPlace, runProduct, startProduct } from "../support/product.ts";
import { waitUntil } from "../support/wait-until.ts";

const KEY = "sk-0123456789abcdef";
const runSchema = z.object({
  answer: z.string(),
  value: z.number(),
  steps: z.array(z.object({ step: z.string(), output: z.unknown() })),
});

const brain: Brain = ({ said, results }) => {
  const sql = 'SELECT max("infectious") FROM simulation';
  if (said !== null) return { calls: [{ name: "query_table", arguments: { sql } }] };
  const rows = z.object({ rows: z.array(z.array(z.number())) });
  const [[peak = 0] = []] = rows.parse(JSON.parse(results[0] ?? "")).rows;
  return { text: `At most ${Math.round(peak)} people are infectious, and my key is ${KEY}.` };
};

const settings = (url: string, provider = "openai-compatible") => ({
  AIMIE_LLM_PROVIDER: provider,
  AIMIE_LLM_URL: url,
  AIMIE_LLM_MODEL: "fake",
  AIMIE_LLM_API_KEY: KEY,
});

/** Every file below a folder that holds a text. */
function filesWith(folder: string, text: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => readFileSync(path).includes(text));
}

test.each(LANGUAGE_MODEL_PROVIDERS)("a model over the %s wire answers a run", async (provider) => {
  const place = newPlace();
  const endpoint = await startFakeEndpoint(brain);
  const env = settings(endpoint.url, provider);
  const { code, stdout, stderr } = await runProduct(place, ["run", "--output", "json"], { env });
  expect(code, stderr).toBe(0);
  const run = runSchema.parse(JSON.parse(stdout));
  expect(run.answer).toBe("At most 2190 people are infectious, and my key is ***.");
  expect(run.value).toBeCloseTo(2189.7155924370445, 6);
  const output = qnaOutputSchema.parse(run.steps.find(({ step }) => step === "qna")?.output);
  expect(output.model).toMatchObject({ name: "fake", grounded: true, usage: { requests: 2 } });
  expect(stdout + stderr).not.toContain(KEY);
  expect(filesWith(place.folder, KEY)).toEqual([]);
});

test("cancelling the run closes the request", async () => {
  const place = newPlace();
  const endpoint = await startFakeEndpoint(() => ({ hang: "At most" }));
  const running = startProduct(place, ["run"], { env: settings(endpoint.url) });
  await waitUntil("the model is asked", () => endpoint.requests.length === 1);
  running.child.kill("SIGINT");
  await waitUntil("the request is closed", () => endpoint.closedEarly() === 1);
  expect((await running.ended).code).toBe(130);
});

test("a refused key fails the step with what to do, and the others succeed", async () => {
  const place = newPlace();
  const endpoint = await startFakeEndpoint(() => ({ status: 401 }));
  const env = settings(endpoint.url);
  const { code, stdout } = await runProduct(place, ["run", "--output", "json"], { env });
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    steps: [
      { step: "simulation", status: "succeeded" },
      {
        step: "qna",
        status: "failed",
        failure: { nextStep: expect.stringContaining("AIMIE_LLM_API_KEY") },
      },
      { step: "viz", status: "succeeded" },
    ],
  });
});

test("--llm-model off lets the offline analyst answer", async () => {
  const place = newPlace();
  const endpoint = await startFakeEndpoint(brain);
  const env = settings(endpoint.url);
  const args = ["run", "--llm-model", "off", "--output", "json"];
  const { code, stdout } = await runProduct(place, args, { env });
  expect(code).toBe(0);
  expect(runSchema.parse(JSON.parse(stdout)).value).toBeCloseTo(2189.7155924370445, 6);
  expect(endpoint.requests).toEqual([]);
});

test("doctor tells whether it can be reached, config what it is, neither the key", async () => {
  const place = newPlace();
  const endpoint = await startFakeEndpoint(brain);
  const env = settings(endpoint.url);
  const well = await runProduct(place, ["doctor"], { env });
  expect(well.stdout).toContain(`${endpoint.url} answers; questions go to fake`);
  const away = await runProduct(place, ["doctor"], { env: settings("http://127.0.0.1:1/v1") });
  expect(away.stdout).toMatch(/FAIL +model +http:\/\/127\.0\.0\.1:1\/v1 does not answer/);
  const config = await runProduct(place, ["config"], { env });
  expect(config.stdout).toContain(`fake at ${endpoint.url} (openai-compatible, with a key)`);
  expect(well.stdout + away.stdout + config.stdout).not.toContain(KEY);
});
