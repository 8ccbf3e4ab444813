/** The flow pane: the whole graph of the selected run from its first second. */
import { instanceOf } from "../../orchestrator/instances.ts";
import { stepKeyOf } from "../../protocol/ids.ts";
import { selectedRun, selectedStep } from "../model/selection.ts";
import { span } from "../spans.ts";
import { fanOutCounts, fanOutLine, fanOutList } from "./fan-out.ts";
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
  const done = flow.steps.filter(
    ({ id }) => run.state.steps[stepKeyOf(id)]?.progress.status === "succeeded",
  ).length;
  const info = [span(`${done}/${flow.steps.length} steps done`, "muted")];
  if (input.screen.flowView === "timeline") {
    return { title: "Timeline", info, lines: timelineLines(input, run) };
  }
  const key = selectedStep(input.screen, input.state)?.key;
  const parent = key === undefined ? undefined : instanceOf(key)?.parent;
  if (key === undefined || parent === undefined) {
    return { title: "Flow", info, lines: graphLines(input, run) };
  }
  const counts = fanOutCounts(run, parent);
  return {
    title: `Flow ▸ ${parent}`,
    info: counts === undefined ? [] : fanOutLine(counts, input.width),
    lines: fanOutList(input, run, key),
  };
}
