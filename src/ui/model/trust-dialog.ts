/** The question whether a program of the operator's own may run. Pure. */
import type { Intent } from "../../console/intents.ts";
import type { TrustRequest } from "../../console/program-trust.ts";
import type { Dialog } from "./screen.ts";

/** Shows the whole command; only `y` says yes, and what was wished for is then carried out. */
export function trustDialog(request: TrustRequest, before: Intent): Dialog {
  const { kind, name, title, command, folder, files, fingerprint } = request;
  return {
    kind: "confirm",
    title: "Run a program you have not trusted yet?",
    lines: [
      `${name}: ${title}`,
      MEANING[kind],
      `  ${command}`,
      ...(folder === null ? [] : [`{folder} is ${folder}`]),
      `Trust holds until one of these changes: ${files.join(", ")}`,
    ],
    confirmLabel: "trust it and go on",
    enterConfirms: false,
    intent: { type: "trust-program", request: { kind, name, fingerprint }, before },
  };
}

const MEANING = {
  model: "The model runs this program on this machine, as you:",
  agent: "The agent runs this program on this machine, as you:",
  server: "Steps and the language model call its tools. It is reached by this, as you:",
} as const satisfies Readonly<Record<TrustRequest["kind"], string>>;
