/** The examples of docs/PROTOCOL.md. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The page's text. */
export const protocolPage = readFileSync(
  join(import.meta.dirname, "../../docs/PROTOCOL.md"),
  "utf8",
);

/** The JSON examples; those that are messages name their topic. */
export const protocolExamples: readonly {
  readonly topic: string | undefined;
  readonly text: string;
}[] = [...protocolPage.matchAll(/^```json(?: topic=(\S+))?\n(.*?)^```$/gms)].map(
  ([, topic, text]) => ({ topic, text: text ?? "" }),
);

/** The examples that are messages: topic and text. */
export const exampleMessages = protocolExamples.flatMap(({ topic, text }) =>
  topic === undefined ? [] : [[topic, text] as const],
);
