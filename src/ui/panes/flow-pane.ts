/** The flow pane: the whole graph of the selected run from its first second. */
import { selectedRun } from "../model/selection.ts";
import { span } from "../spans.ts";
import { graphLines } from "./flow-graph.ts";
import type { PaneContent, PaneInput } from "./pane.ts";
import { timelineLines } from "./timeline-lines.ts";
import { welcomeLines } from "./welcome.ts";

/** The flow pane. */
export function flowPane(input: PaneInput): PaneContent {
  const run = selectedRun(input.screen, input.state);
  if (run === undefined) return { title: "Flow", info: [], lines: welcomeLines(input) };
  const { flow } = run.state.origin;
  if (flow.steps.length === 0) {
    const why = run.state.failure?.message ?? "the flow has no steps";
    return { title: "Flow", info: [], lines: [[span(` ✗ failed: ${why}`, "bad")]] };
  }
  const succeeded = Object.values(run.state.steps).filter(
    (step) => step.progress.status === "succeeded",
  ).length;
  const timeline = input.screen.flowView === "timeline";
  return {
    title: timeline ? "Timeline" : "Flow",
    info: [span(`${succeeded}/${flow.steps.length} steps done`, "muted")],
    lines: timeline ? timelineLines(input, run) : graphLines(input, run),
  };
}
