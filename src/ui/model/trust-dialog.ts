/** The question whether a command model may run its program. Pure. */
import type { Intent } from "../../console/intents.ts";
import type { TrustRequest } from "../../console/model-trust.ts";
import type { Dialog } from "./screen.ts";

/** Shows the whole command; only `y` says yes, and what was wished for is then carried out. */
export function trustDialog(request: TrustRequest, before: Intent): Dialog {
  const { name, title, command, folder, files, fingerprint } = request;
  return {
    kind: "confirm",
    title: "Run a program you have not trusted yet?",
    lines: [
      `${name}: ${title}`,
      "The model runs this program on this machine, as you:",
      `  ${command}`,
      `{folder} is ${folder}`,
      `Trust holds until one of these changes: ${files.join(", ")}`,
    ],
    confirmLabel: "trust it and go on",
    enterConfirms: false,
    intent: { type: "trust-model", request: { name, fingerprint }, before },
  };
}
