/** What one sees before the first run: the way to the first result is one key. */
import { defaultText, startableFlows } from "../model/run-form.ts";
import type { Line } from "../spans.ts";
import { span, wrapText } from "../spans.ts";
import type { PaneInput } from "./pane.ts";

/** The welcome; names the offered flow and what it will be run on. */
export function welcomeLines({ state, width, offeredFlow }: PaneInput): readonly Line[] {
  const flows = startableFlows(state).map((view) => view.flow);
  const offered = flows.find((flow) => flow.name === offeredFlow) ?? flows[0];
  if (offered === undefined) {
    return [[], [span("  Welcome. No flow is known to this console yet.")]];
  }
  const model = Object.values(offered.parameters).find((one) => one.type === "model");
  const on = model === undefined ? "" : ` on the model ${defaultText(model)}`;
  const ready = state.workers.filter(({ status }) => status === "ready").length;
  return [
    [],
    [span("  Welcome to aimie-console.", "text", true)],
    [],
    [span("  Press "), span(" Enter ", "accent", true), span(`to run ${offered.name}${on}.`)],
    ...wrapText(offered.description, width - 4).map((line): Line => [span(`  ${line}`, "muted")]),
    [],
    [span("  n ", "accent", true), span("choose the flow and its parameters")],
    [span("  ? ", "accent", true), span("all keys     "), span("q ", "accent", true), span("quit")],
    [],
    [span(`  ${ready} of ${state.workers.length} workers ready`, "muted")],
  ];
}
