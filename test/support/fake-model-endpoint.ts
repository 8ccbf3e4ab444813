/** A language model's endpoint of our own: speaks both wire formats, says what a test tells it. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text as readText } from "node:stream/consumers";
import { onTestFinished } from "vitest";
import { z } from "zod";

/** A call the model asks for. */
interface WantedCall {
  readonly name: string;
  readonly arguments: object;
}

/** What the endpoint does with one request. */
export type Reply =
  | { readonly text: string; readonly ending?: "length" }
  | { readonly calls: readonly WantedCall[] }
  | { readonly status: number; readonly body?: object; readonly headers?: object }
  /** Says this, then drops the connection, or ends the answer as if it were whole. */
  | { readonly cut: string; readonly politely?: boolean }
  /** Says this, then nothing more. */
  | { readonly hang: string };

/** A request, the same for both formats. */
export interface ModelRequest {
  /** The last message: what a person said, or the results of the calls. */
  readonly said: string | null;
  readonly results: readonly string[];
  readonly tools: readonly string[];
  readonly body: string;
  readonly key: string | undefined;
}

/** Decides what is said; `number` counts requests from 0. */
export type Brain = (request: ModelRequest, number: number) => Reply;

/** The endpoint while it runs. */
export interface FakeEndpoint {
  /** The base address. */
  readonly url: string;
  readonly requests: ModelRequest[];
  /** Requests whose connection the other side has closed before the answer had ended. */
  readonly closedEarly: () => number;
}

const anyMessage = z.looseObject({ role: z.string(), content: z.unknown().optional() });
const bodySchema = z.looseObject({
  messages: z.array(anyMessage),
  tools: z
    .array(z.looseObject({ name: z.string().optional(), function: z.unknown().optional() }))
    .optional(),
});
const functionSchema = z.looseObject({ name: z.string() });
const blockSchema = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  content: z.unknown().optional(),
});

/** Starts an endpoint for the test; `/v1/models` lists the model `fake`. */
export async function startFakeEndpoint(brain: Brain): Promise<FakeEndpoint> {
  const requests: ModelRequest[] = [];
  let closed = 0;
  const server = createServer((request, response) => {
    if (request.url === "/v1/models") {
      response.end(JSON.stringify({ data: [{ id: "fake" }] }));
      return;
    }
    response.on("close", () => {
      if (!response.writableEnded && !response.errored) closed += 1;
    });
    answer(request, response).catch((cause: unknown) => response.destroy(cause as Error));
  });
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await readText(request);
    const read = readRequest(body, request);
    requests.push(read);
    const reply = brain(read, requests.length - 1);
    const isAnthropic = request.url?.endsWith("/messages") === true;
    send(response, reply, isAnthropic ? anthropicEvents : openAiEvents);
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/v1`, requests, closedEarly: () => closed };
}

function readRequest(body: string, { headers }: IncomingMessage): ModelRequest {
  const { messages, tools = [] } = bodySchema.parse(JSON.parse(body));
  const blocks = messages.flatMap(({ role, content }) =>
    role === "system" ? [] : [{ role, blocks: blocksOf(content) }],
  );
  const lastAssistant = blocks.findLastIndex(({ role }) => role === "assistant");
  const since = blocks.slice(lastAssistant + 1);
  const results = since.flatMap(({ role, blocks: parts }) =>
    parts.flatMap((part) => {
      if (part.type === "tool_result") return [textOf(part.content)];
      return role === "tool" ? [part.text ?? ""] : [];
    }),
  );
  const said = since.flatMap(({ role, blocks: parts }) =>
    role === "user" ? parts.filter(({ type }) => type === "text").map(({ text }) => text) : [],
  );
  const bearer = headers.authorization?.replace(/^Bearer /, "");
  const key = headers["x-api-key"] ?? bearer;
  return {
    said: results.length > 0 ? null : said.join("\n"),
    results,
    tools: tools.map((tool) => tool.name ?? functionSchema.parse(tool.function).name),
    body,
    key: typeof key === "string" ? key : undefined,
  };
}

function blocksOf(content: unknown): readonly z.infer<typeof blockSchema>[] {
  if (typeof content === "string") return [{ type: "text", text: content }];
  return z.array(blockSchema).parse(content ?? []);
}

function textOf(content: unknown): string {
  return blocksOf(content)
    .map(({ text }) => text ?? "")
    .join("");
}

/** The events of an answer: its beginning, its parts, its end. */
interface Events {
  readonly text: (text: string) => readonly string[];
  readonly calls: (calls: readonly WantedCall[]) => readonly string[];
  readonly end: (why: "text" | "calls" | "length") => readonly string[];
}

function send(response: ServerResponse, reply: Reply, events: Events): void {
  if ("status" in reply) {
    const headers = { "content-type": "application/json", ...reply.headers };
    response.writeHead(reply.status, headers);
    response.end(JSON.stringify(reply.body ?? { error: { message: "no" } }));
    return;
  }
  response.writeHead(200, { "content-type": "text/event-stream" });
  if ("calls" in reply) {
    response.end([...events.calls(reply.calls), ...events.end("calls")].join(""));
  } else if ("text" in reply) {
    const ending = events.end(reply.ending ?? "text");
    response.end([...events.text(reply.text), ...ending].join(""));
  } else if ("cut" in reply) {
    response.write(events.text(reply.cut).join(""), () =>
      reply.politely === true ? response.end() : response.destroy(),
    );
  } else response.write(events.text(reply.hang).join(""));
}

const line = (data: object): string => `data: ${JSON.stringify(data)}\n\n`;
const words = (text: string): readonly string[] => text.match(/\S+\s*|\s+/gu) ?? [];

const chunk = (delta: object, finish: string | null = null): string =>
  line({
    id: "c",
    object: "chat.completion.chunk",
    created: 1,
    model: "fake",
    choices: [{ index: 0, delta, finish_reason: finish }],
  });

const openAiEvents: Events = {
  text: (text) => words(text).map((content) => chunk({ role: "assistant", content })),
  calls: (calls) =>
    calls.map((call, index) => {
      const given = { name: call.name, arguments: JSON.stringify(call.arguments) };
      return chunk({
        tool_calls: [{ index, id: `call-${index}`, type: "function", function: given }],
      });
    }),
  end: (why) => [
    chunk({}, { text: "stop", calls: "tool_calls", length: "length" }[why]),
    line({
      id: "c",
      object: "chat.completion.chunk",
      created: 1,
      model: "fake",
      choices: [],
      usage: { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 },
    }),
    "data: [DONE]\n\n",
  ],
};

const event = (type: string, data: object): string => `event: ${type}\n${line({ type, ...data })}`;

const START = event("message_start", {
  message: {
    id: "m",
    type: "message",
    role: "assistant",
    model: "fake",
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 100, output_tokens: 1 },
  },
});

const block = (index: number, content_block: object, deltas: readonly object[]): string[] => [
  event("content_block_start", { index, content_block }),
  ...deltas.map((delta) => event("content_block_delta", { index, delta })),
  event("content_block_stop", { index }),
];

const anthropicEvents: Events = {
  text: (text) => {
    const deltas = words(text).map((word) => ({ type: "text_delta", text: word }));
    return [START, ...block(0, { type: "text", text: "" }, deltas)];
  },
  calls: (calls) => [
    START,
    ...calls.flatMap((call, index) =>
      block(index, { type: "tool_use", id: `call-${index}`, name: call.name, input: {} }, [
        { type: "input_json_delta", partial_json: JSON.stringify(call.arguments) },
      ]),
    ),
  ],
  end: (why) => {
    const stop_reason = { text: "end_turn", calls: "tool_use", length: "max_tokens" }[why];
    return [
      event("message_delta", {
        delta: { stop_reason, stop_sequence: null },
        usage: { output_tokens: 10 },
      }),
      event("message_stop", {}),
    ];
  },
};
