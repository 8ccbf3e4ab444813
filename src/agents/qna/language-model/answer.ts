/**
 * A question answered by a language model that asks the tools, and is checked against what they
 * said.
 *
 * L1 Every number of an answer comes from a tool's result or the question, else the model is told
 *    which do not and answers once more, else the answer is marked, with those numbers named.
 * L2 The signal closes the request; time, requests, tokens and calls are bounded.
 * L3 The key is in no text that leaves here.
 */
import type { ModelMessage } from "ai";
import { errorMessage } from "../../../base/error-message.ts";
import type { Result } from "../../../base/result.ts";
import { err, ok } from "../../../base/result.ts";
import { suggestQuestions } from "../../../engines/analyst/suggest.ts";
import { tableOf } from "../../../engines/analyst/table.ts";
import { isPrintedIn, ungroundedNumbers } from "../../../engines/grounding/ground.ts";
import type { ModelShare, QnaInput, QnaOutput } from "../../../protocol/agent-data.ts";
import { qnaOutputSchema } from "../../../protocol/agent-data.ts";
import type { Failure } from "../../../protocol/failure.ts";
import type { LanguageModelSettings } from "../../../protocol/language-model.ts";
import { TOOL_SEPARATOR } from "../../../protocol/mcp-servers.ts";
import type { ProgressData } from "../../../protocol/telemetry.ts";
import type { TaskHands } from "../../runtime/carry-out.ts";
import type { ForeignSource } from "../../runtime/foreign-tools.ts";
import type { Said, Turn } from "./converse.ts";
import { converse } from "./converse.ts";
import { askingText, complaint, NO_ANSWER } from "./instructions.ts";
import { ModelProblem, modelFailure } from "./model-failure.ts";
import { openModel } from "./open-model.ts";
import { keyRemover } from "./secrets.ts";
import type { Toolbox, ToolUse } from "./tool-bridge.ts";
import { bridgeTools } from "./tool-bridge.ts";

/** The tool that answers without a model. */
const ANALYST = "answer_question";

/** Shortest time between two messages with the answer so far, milliseconds. */
const TELL_TEXT_EVERY_MS = 100;

/** Longest answer, characters: what the schema lets travel, less room for a mark. */
const MAXIMUM_ANSWER = 2500;

/** How long a foreign server may take to say what it has, milliseconds. */
const LIST_TIMEOUT_MS = 10_000;

const NO_FOREIGN_TOOLS: ForeignSource = { servers: [], session: () => undefined };

/** A question on its way to an answer. */
interface Asking {
  readonly input: QnaInput;
  readonly settings: LanguageModelSettings;
  readonly hands: TaskHands;
  readonly foreign: ForeignSource;
  /** The calls made so far. */
  readonly uses: ToolUse[];
  readonly clean: (text: string) => string;
}

/** Answers a question by a language model; never rejects. */
export async function answerByModel(
  input: QnaInput,
  settings: LanguageModelSettings,
  given: TaskHands,
  foreign: ForeignSource = NO_FOREIGN_TOOLS,
): Promise<Result<QnaOutput, Failure>> {
  const limit = AbortSignal.timeout(settings.timeoutMs);
  const signal = AbortSignal.any([given.signal, limit]); // L2
  const clean = keyRemover(settings.apiKey);
  const hands: TaskHands = { ...given, signal, tell: (data) => given.tell(cleaned(data, clean)) };
  try {
    return await discuss({ input, settings, hands, foreign, uses: [], clean });
  } catch (cause) {
    if (given.signal.aborted) {
      const reason = errorMessage(given.signal.reason);
      return err({ kind: "cancelled", message: `stopped: ${reason}` });
    }
    if (limit.aborted) {
      return err({
        kind: "timeout",
        message: `the language model took longer than ${settings.timeoutMs / 1000} s`,
        nextStep: "raise AIMIE_LLM_TIMEOUT_MS, or answer without a model: --llm-model off",
      });
    }
    return err(modelFailure(cause, settings));
  }
}

async function discuss(asking: Asking): Promise<Result<QnaOutput, Failure>> {
  const { input, settings, hands, uses, clean } = asking;
  const offers = await hands.tools.offers(hands.signal);
  if (!offers.ok) return offers;
  const { question: _, ...bound } = input;
  const box: Toolbox = { session: hands.tools, offers: offers.value, prefix: "", bound };
  const { signal, tell } = hands;
  const tools = await bridgeTools([box, ...(await foreignBoxes(asking))], {
    signal,
    tell,
    onUse: (use) => uses.push(use),
  });
  const turn: Omit<Turn, "messages" | "used"> = {
    model: await openModel(settings),
    settings,
    tools,
    signal,
    onText: textTeller(tell, clean),
  };
  const question: ModelMessage = { role: "user", content: askingText(input) };
  const nothing = { requests: 0, inputTokens: 0, outputTokens: 0 };
  const first = await converse({ ...turn, messages: [question], used: nothing });
  const said = await untilGrounded(asking, turn, first);
  return ok(await outputOf(asking, said));
}

/** The tools of foreign servers; one that does not answer is told of and left out. */
async function foreignBoxes({ foreign, hands }: Asking): Promise<readonly Toolbox[]> {
  const boxes = foreign.servers.map(async (name): Promise<readonly Toolbox[]> => {
    const session = foreign.session(name);
    if (session === undefined) return [];
    const limit = AbortSignal.timeout(LIST_TIMEOUT_MS);
    const offers = await session.offers(AbortSignal.any([hands.signal, limit]));
    // The run is not bound here: a foreign server is given what the model gives it, and no more.
    if (offers.ok) {
      return [{ session, offers: offers.value, prefix: `${name}${TOOL_SEPARATOR}`, bound: {} }];
    }
    const message = `the tools of ${name} are left out: ${offers.error.message}`.slice(0, 1000);
    hands.tell({ kind: "logged", level: "warning", message });
    return [];
  });
  return (await Promise.all(boxes)).flat();
}

/** L1 */
async function untilGrounded(
  asking: Asking,
  turn: Omit<Turn, "messages" | "used">,
  first: Said,
): Promise<Said> {
  const numbers = ungroundedIn(asking, asking.clean(first.text));
  if (numbers.length === 0) return first;
  const { tell } = asking.hands;
  const message = `not grounded: ${numbers.slice(0, 20).join(", ")}; the model is asked again`;
  tell({ kind: "logged", level: "warning", message });
  const reply: ModelMessage = { role: "user", content: complaint(numbers.slice(0, 20)) };
  try {
    return await converse({ ...turn, messages: [...first.messages, reply], used: first.used });
  } catch (cause) {
    // It has had its chance; the first answer is marked.
    if (cause instanceof ModelProblem) return first;
    throw cause;
  }
}

function ungroundedIn({ input, uses }: Asking, text: string): readonly string[] {
  const { variables, model } = input.simulation;
  const names = [model.title, model.name, ...variables.flatMap(({ name, label }) => [name, label])];
  const question = [...(input.earlier ?? []), input.question].join("\n");
  return ungroundedNumbers(text, { question, calls: uses, names });
}

async function outputOf(asking: Asking, said: Said): Promise<QnaOutput> {
  const { input, settings, uses, clean } = asking;
  const text = clean(said.text).slice(0, MAXIMUM_ANSWER);
  const ungrounded = ungroundedIn(asking, text).slice(0, 20);
  const grounded = ungrounded.length === 0;
  const offlineAnswer = grounded ? null : await askAnalyst(asking);
  const abstained = text.startsWith(NO_ANSWER) || /^I can(?:[’']|no)t answer\b/i.test(text);
  const source = grounded && !abstained ? sourceOf(uses, text) : undefined;
  const sql = abstained ? null : (source?.sql ?? lastQuery(uses));
  return {
    status: abstained ? "abstained" : "answered",
    question: input.question,
    answer: grounded ? text : `${text}${markOf(ungrounded, offlineAnswer)}`.slice(0, 4000),
    value: source?.value ?? null,
    unit: source?.unit ?? null,
    how: howOf(settings, uses),
    sql: sql === null ? null : clean(sql), // L3: an endpoint can write it into a query, too.
    suggestions: [...suggestQuestions(tableOf(input.simulation))].slice(0, 10),
    model: {
      name: settings.name,
      grounded,
      ungrounded: ungrounded.map((number) => number.slice(0, 100)),
      offlineAnswer,
      usage: usageOf(settings, said, uses),
    },
  };
}

/** What an answer that is not grounded ends with: nobody shall take it for one that is. */
function markOf(numbers: readonly string[], offline: string | null): string {
  const instead = offline === null ? "" : ` The offline analyst says: ${offline}`;
  return ` [NOT GROUNDED: ${numbers.join(", ")} — no tool has returned this.${instead}]`;
}

/** What the offline analyst answers; null when it abstains or fails. */
async function askAnalyst({ input, hands }: Asking): Promise<string | null> {
  const called = await hands.tools.call({
    tool: ANALYST,
    arguments: input,
    timeoutMs: hands.leftMs,
    signal: hands.signal,
    onProgress: () => undefined,
  });
  const output = qnaOutputSchema.safeParse(called.ok ? called.value : undefined);
  return output.success && output.data.status === "answered"
    ? output.data.answer.slice(0, 1200)
    : null;
}

/** The newest result whose value the answer states: it has the value at full precision. */
function sourceOf(
  uses: readonly ToolUse[],
  text: string,
):
  | { readonly value: number; readonly unit: string | null; readonly sql: string | null }
  | undefined {
  for (const use of uses.toReversed()) {
    const answer = qnaOutputSchema.safeParse(use.result);
    if (answer.success && answer.data.value !== null && isPrintedIn(answer.data.value, text)) {
      const { value, unit, sql } = answer.data;
      return { value, unit, sql };
    }
    const cell = onlyCell(use.result);
    if (cell !== undefined && isPrintedIn(cell, text)) {
      return { value: cell, unit: null, sql: sqlOf(use) };
    }
  }
  return undefined;
}

function onlyCell(result: unknown): number | undefined {
  if (result === null || typeof result !== "object" || !("rows" in result)) return undefined;
  const { rows } = result;
  if (!Array.isArray(rows) || rows.length !== 1) return undefined;
  const [row]: readonly unknown[] = rows;
  if (!Array.isArray(row) || row.length !== 1) return undefined;
  const [cell]: readonly unknown[] = row;
  return typeof cell === "number" ? cell : undefined;
}

function lastQuery(uses: readonly ToolUse[]): string | null {
  for (const use of uses.toReversed()) {
    const sql = use.result === undefined ? null : sqlOf(use);
    if (sql !== null) return sql;
  }
  return null;
}

function sqlOf({ arguments: given }: ToolUse): string | null {
  if (given === null || typeof given !== "object" || !("sql" in given)) return null;
  return typeof given.sql === "string" ? given.sql.slice(0, 8000) : null;
}

function howOf({ name }: LanguageModelSettings, uses: readonly ToolUse[]): string {
  const calls = uses.map(({ tool, result }) => (result === undefined ? `${tool} (failed)` : tool));
  const asked = calls.length === 0 ? "It asked no tool." : `It asked ${calls.join(", ")}.`;
  return `The language model ${name} answered. ${asked}`.slice(0, 2000);
}

function usageOf(
  { inputPrice, outputPrice }: LanguageModelSettings,
  { used }: Said,
  uses: readonly ToolUse[],
): ModelShare["usage"] {
  const isPriced = inputPrice !== null && outputPrice !== null;
  const { inputTokens, outputTokens } = used;
  const cost = isPriced ? (inputTokens * inputPrice + outputTokens * outputPrice) / 1e6 : null;
  return { ...used, toolCalls: uses.length, cost };
}

/** Tells of the answer so far, not at every word. */
function textTeller(
  tell: TaskHands["tell"],
  clean: (text: string) => string,
): (text: string) => void {
  let toldAt = 0;
  return (text) => {
    const now = Date.now();
    if (now - toldAt < TELL_TEXT_EVERY_MS) return;
    toldAt = now;
    const soFar = clean(text).slice(0, 4000);
    tell({ kind: "advanced", fraction: null, message: "Writing the answer", text: soFar });
  };
}

/** L3 */
function cleaned(data: ProgressData, clean: (text: string) => string): ProgressData {
  return data.kind === "logged" ? { ...data, message: clean(data.message) } : data;
}
