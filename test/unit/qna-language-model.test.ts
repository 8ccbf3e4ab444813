import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answerByModel } from "../../src/agents/qna/language-model/answer.ts";
import { qnaOutputSchema } from "../../src/protocol/agent-data.ts";
import type { LanguageModelSettings } from "../../src/protocol/language-model.ts";
import { LANGUAGE_MODEL_PROVIDERS } from "../../src/protocol/language-model.ts";
import type { ProgressData } from "../../src/protocol/telemetry.ts";
import { progressDataSchema } from "../../src/protocol/telemetry.ts";
import { folderArtifactStore } from "../../src/session/artifact-store.ts";
import { epidemicOutput, epidemicParquet, stepEpidemic } from "../qna-bank/epidemic.ts";
import { ANSWERABLE, UNANSWERABLE } from "../qna-bank/questions.ts";
import type { Brain, FakeEndpoint } from "../support/fake-model-endpoint.ts";
import { startFakeEndpoint } from "../support/fake-model-endpoint.ts";
import { qnaToolSession } from "../support/qna-tool-session.ts";
import { waitUntil } from "../support/wait-until.ts";

const KEY = "sk-0123456789abcdef";
const QUESTION = "What is the peak of infectious?";
const epidemic = stepEpidemic();
const parquet = epidemicParquet(epidemic);
const simulation = epidemicOutput(epidemic, parquet);
const peak = Math.max(...epidemic.columns["infectious"]!);
let artifactFolder: string;
beforeAll(async () => {
  artifactFolder = await mkdtemp(join(tmpdir(), "qna-model-"));
  const { name, mediaType } = simulation.data;
  await folderArtifactStore(artifactFolder).put(parquet, { name, mediaType });
});
afterAll(() => rm(artifactFolder, { recursive: true, force: true }));

const settingsFor = (
  { url }: Pick<FakeEndpoint, "url">,
  change: Partial<LanguageModelSettings> = {},
): LanguageModelSettings => ({
  provider: "openai-compatible",
  url,
  name: "fake",
  apiKey: KEY,
  maximumSteps: 8,
  maximumTokens: 4000,
  timeoutMs: 60_000,
  inputPrice: null,
  outputPrice: null,
  ...change,
});

interface AskOptions {
  readonly change?: Partial<LanguageModelSettings>;
  readonly question?: string;
  readonly signal?: AbortSignal;
  readonly written?: unknown[];
}

async function ask(brain: Brain | FakeEndpoint, options: AskOptions = {}) {
  const endpoint = typeof brain === "function" ? await startFakeEndpoint(brain) : brain;
  const told: ProgressData[] = [];
  const { change, question = QUESTION, signal = new AbortController().signal, written } = options;
  const result = await answerByModel({ question, simulation }, settingsFor(endpoint, change), {
    tools: qnaToolSession(artifactFolder, written),
    leftMs: 60_000,
    signal,
    tell: (data) => told.push(progressDataSchema.parse(data)),
  });
  expect(JSON.stringify([result, told])).not.toContain(KEY);
  const output = qnaOutputSchema.safeParse(result.ok ? result.value : undefined).data;
  return { result, output, told, endpoint };
}

/** Asks the analyst what it was asked itself, and repeats its answer. */
const faithful: Brain = ({ said, results }) => {
  if (said !== null) {
    const isAskedAgain = said.includes("no tool has returned");
    const question = isAskedAgain ? QUESTION : (said.split("The question:\n").at(-1) ?? "");
    return { calls: [{ name: "answer_question", arguments: { question } }] };
  }
  const { answer } = qnaOutputSchema.parse(JSON.parse(results[0] ?? ""));
  return { text: answer };
};

describe.each(LANGUAGE_MODEL_PROVIDERS)("over the %s wire", (provider) => {
  const change = { provider, inputPrice: 3, outputPrice: 15 };

  test("answers from a tool's result, with its value, its query and what it cost", async () => {
    const { output, told, endpoint } = await ask(faithful, { change });
    expect(output).toMatchObject({
      status: "answered",
      value: peak,
      unit: "people",
      sql: expect.stringContaining("SELECT"),
      model: {
        name: "fake",
        grounded: true,
        usage: { requests: 2, toolCalls: 1, inputTokens: 200 },
      },
    });
    const usage = output?.model?.usage;
    expect(usage?.cost).toBeCloseTo((200 * 3 + (usage?.outputTokens ?? 0) * 15) / 1e6, 12);
    expect(told).toContainEqual(expect.objectContaining({ kind: "tool-called" }));
    const texts = told.flatMap((data) => (data.kind === "advanced" ? [data.text] : []));
    expect(output?.answer.startsWith(texts.at(-1) ?? "?")).toBe(true);
    expect(endpoint.requests.map(({ key }) => key)).toEqual([KEY, KEY]);
  });

  test("is offered the tools that change nothing, without the run as an argument", async () => {
    const { endpoint } = await ask(faithful, { change });
    const [request] = endpoint.requests;
    expect(request?.tools).toEqual(["answer_question", "describe_run", "query_table"]);
    expect(request?.body).not.toContain(simulation.data.sha256);
    expect(request?.body).not.toContain('"simulation":{');
  });

  test("tells who refuses the key, and asks once", async () => {
    const { result, endpoint } = await ask(
      () => ({ status: 401, body: { error: { message: `Incorrect API key ${KEY}` } } }),
      { change },
    );
    expect(result).toMatchObject({
      ok: false,
      error: { kind: "tool", message: expect.stringContaining("refused the key (401)") },
    });
    expect(endpoint.requests).toHaveLength(1);
  });

  test.each([429, 500, 529])("asks again after %i, up to three times", async (status) => {
    const headers = { "retry-after-ms": "1" };
    const busy = { status, headers };
    const healed = await ask((request, number) => (number < 2 ? busy : faithful(request, number)), {
      change,
    });
    expect(healed.output?.value).toBe(peak);
    const never = await ask(() => busy, { change });
    expect(never.endpoint.requests).toHaveLength(3);
    expect(never.result).toMatchObject({
      ok: false,
      error: { kind: "tool", message: expect.stringContaining(`(${status})`) },
    });
  });

  test.each([false, true])("fails on an answer that is cut (politely: %j)", async (politely) => {
    const { result, output } = await ask(() => ({ cut: "It peaks at ", politely }), { change });
    expect(output).toBeUndefined();
    expect(result).toMatchObject({
      ok: false,
      error: { kind: "tool", message: expect.stringMatching(/broke off/) },
    });
  });

  test("closes the request when it is cancelled", async () => {
    const stop = new AbortController();
    const endpoint = await startFakeEndpoint(() => ({ hang: "It peaks" }));
    const asked = ask(endpoint, { change, signal: stop.signal });
    await waitUntil("the request has come", () => endpoint.requests.length === 1);
    stop.abort(new Error("the operator cancelled"));
    expect((await asked).result).toMatchObject({
      ok: false,
      error: { kind: "cancelled", message: "stopped: the operator cancelled" },
    });
    await waitUntil("the request is closed", () => endpoint.closedEarly() === 1);
  });

  test("closes the request when its time is over", async () => {
    const { result, endpoint } = await ask(() => ({ hang: "It peaks" }), {
      change: { ...change, timeoutMs: 200 },
    });
    expect(result).toMatchObject({ ok: false, error: { kind: "timeout" } });
    await waitUntil("the request is closed", () => endpoint.closedEarly() === 1);
  });
});

test("tells of an endpoint that is not there", async () => {
  const endpoint = { url: "http://127.0.0.1:1/v1", requests: [], closedEarly: () => 0 };
  const { result } = await ask(endpoint, { change: { timeoutMs: 40_000 } });
  expect(result).toMatchObject({
    ok: false,
    error: {
      message: expect.stringContaining("cannot be reached"),
      nextStep: expect.stringContaining("doctor"),
    },
  });
}, 60_000);

test("does not follow a redirect with its key", async () => {
  const other = await startFakeEndpoint(faithful);
  const location = `${other.url}/chat/completions`;
  const { result } = await ask(() => ({ status: 307, headers: { location } }));
  expect(result.ok).toBe(false);
  expect(other.requests).toEqual([]);
}, 60_000);

describe("the groundedness gate", () => {
  test("lets a model that made a number up answer again, told which", async () => {
    const { output, endpoint } = await ask((request, number) =>
      number === 0 ? { text: "It peaks at 4711 people." } : faithful(request, number),
    );
    expect(endpoint.requests[1]?.said).toContain("no tool has returned: 4711.");
    expect(output).toMatchObject({ value: peak, model: { grounded: true } });
  });

  test("marks an answer that stays so, and offers the offline analyst's", async () => {
    const { output } = await ask(() => ({ text: "It peaks at 4711 people, 35 % of all." }));
    expect(output).toMatchObject({
      status: "answered",
      value: null,
      model: { grounded: false, ungrounded: ["4711", "35 %"] },
    });
    expect(output?.answer).toContain("[NOT GROUNDED: 4711, 35 %");
    expect(output?.answer).toContain("The offline analyst says: “infectious” peaks at");
    expect(output?.model?.offlineAnswer).toContain("peaks at");
  });

  test("marks it without another answer where the analyst has none", async () => {
    const { output } = await ask(() => ({ text: "42" }), { question: "Who is to blame?" });
    expect(output?.answer).toBe("42 [NOT GROUNDED: 42 — no tool has returned this.]");
    expect(output?.model?.offlineAnswer).toBeNull();
  });

  test("takes no number that the model has put into its own query", async () => {
    const { output } = await ask(({ said }) =>
      said === null
        ? { text: "It is 4711." }
        : { calls: [{ name: "query_table", arguments: { sql: "SELECT 4711 FROM simulation" } }] },
    );
    expect(output?.model).toMatchObject({ grounded: false, ungrounded: ["4711"] });
  });

  test("takes what a query has computed, at full precision", async () => {
    const sql = "SELECT max(infectious) FROM simulation";
    const { output } = await ask(({ said }) =>
      said === null
        ? { text: `It peaks at ${Math.round(peak)}.` }
        : { calls: [{ name: "query_table", arguments: { sql } }] },
    );
    expect(output).toMatchObject({ value: peak, sql, model: { grounded: true } });
  });
});

describe("a model that does not keep to the rules", () => {
  test("reaches no tool that writes, whatever the data says", async () => {
    const written: unknown[] = [];
    const { output } = await ask(
      ({ results }, number) =>
        number === 0
          ? { calls: [{ name: "delete_everything", arguments: {} }] }
          : { text: results.length > 0 ? "I was not able to." : "No." },
      { written },
    );
    expect(written).toEqual([]);
    expect(output?.answer).toBe("I was not able to.");
  });

  test("cannot choose another run's data", async () => {
    const { output } = await ask(({ said, results }) =>
      said === null
        ? { text: results[0]?.includes("answered") === true ? "Done." : "Failed." }
        : {
            calls: [
              { name: "answer_question", arguments: { question: QUESTION, simulation: "other" } },
            ],
          },
    );
    expect(output?.answer).toBe("Done.");
  });

  test.each([
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    'SELECT * FROM simulation, "/tmp/x.parquet"',
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM glob('**')",
    "COPY simulation TO '/tmp/x'",
    "DROP VIEW simulation",
    "SELECT 1; SELECT 2",
    "no query",
  ])("reads the run's table and nothing else: %s", async (sql) => {
    const { endpoint } = await ask(({ said }) =>
      said === null
        ? { text: "I can't answer that." }
        : { calls: [{ name: "query_table", arguments: { sql } }] },
    );
    expect(endpoint.requests[1]?.results[0]).toMatch(/^\{"error":/);
  });

  test("is told what is wrong with a call, and may try again", async () => {
    const { output, endpoint } = await ask((request, number) =>
      number === 0
        ? { calls: [{ name: "query_table", arguments: { sql: 7 } }] }
        : faithful({ ...request, said: number === 1 ? QUESTION : null }, number),
    );
    expect(endpoint.requests[1]?.results[0]).toContain("error");
    expect(output).toMatchObject({ value: peak, model: { usage: { toolCalls: 2 } } });
  });

  test("is stopped when it only ever asks tools", async () => {
    const { result, endpoint } = await ask(
      () => ({ calls: [{ name: "describe_run", arguments: {} }] }),
      { change: { maximumSteps: 4 } },
    );
    expect(endpoint.requests).toHaveLength(4);
    expect(result).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining("in 4 requests") },
    });
  });

  test("is not let call tools without end in one request", async () => {
    const call = { name: "describe_run", arguments: {} };
    const { output } = await ask(({ said }) =>
      said === null ? { text: "Done." } : { calls: new Array(100).fill(call) },
    );
    expect(output?.model?.usage.toolCalls).toBe(32);
  });

  test.each([
    ["is cut off at its last token", { text: "It peaks", ending: "length" as const }, /cut off/],
    ["says nothing", { text: " " }, /empty answer/],
  ])("fails when it %s", async (_, reply, message) => {
    const { result } = await ask(() => reply);
    expect(result).toMatchObject({ ok: false, error: { message: expect.stringMatching(message) } });
  });

  test("that repeats the key is not repeated, not even in part", async () => {
    const { output, told } = await ask(() => ({ text: `Your key is ${KEY} and ${KEY}` }));
    expect(output?.answer).not.toContain("sk-0");
    expect(JSON.stringify(told)).not.toContain("sk-0");
  });

  test("that writes the key into a query is not repeated either", async () => {
    const sql = `SELECT max(infectious) AS "${KEY}" FROM simulation`;
    const { output, told } = await ask(({ said }) =>
      said === null
        ? { text: "That is all." }
        : { calls: [{ name: "query_table", arguments: { sql } }] },
    );
    expect(output?.sql).toContain("SELECT max(infectious)");
    expect(JSON.stringify([output, told])).not.toContain("sk-0");
  });

  test("thinks aloud without being heard", async () => {
    const { output } = await ask(() => ({ text: "<think>77 or so?</think>I can't answer that." }));
    expect(output).toMatchObject({ status: "abstained", answer: "I can't answer that." });
  });
});

describe("the question bank through a model that uses the tools", () => {
  test("gives the numbers of the bank, all of them grounded", async () => {
    const endpoint = await startFakeEndpoint(faithful);
    let withValue = 0;
    for (const { question, expected } of ANSWERABLE) {
      const { output } = await ask(endpoint, { question });
      expect(output?.model, question).toMatchObject({ grounded: true });
      const number = expected(epidemic);
      if (number === null || typeof output?.value !== "number") continue;
      expect(output.value, question).toBeCloseTo(number, 8);
      withValue += 1;
    }
    expect(withValue).toBeGreaterThan(ANSWERABLE.length * 0.9);
  }, 300_000);

  test("refuses what cannot be answered", async () => {
    const endpoint = await startFakeEndpoint(faithful);
    for (const question of UNANSWERABLE.filter((one) => one !== "")) {
      const { output } = await ask(endpoint, { question });
      expect(output?.status, question).toBe("abstained");
    }
  }, 300_000);
});
