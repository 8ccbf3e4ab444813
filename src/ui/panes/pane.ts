/** What every pane is: a pure function from what is known to lines. */
import type { ConsoleState, EventLine, TopicMessage } from "../../console/console-state.ts";
import type { Ring } from "../../console/ring.ts";
import type { ChartMark, ChartSeries } from "../../protocol/agent-data.ts";
import type { Binding } from "../keymap/binding.ts";
import type { Screen } from "../model/screen.ts";
import type { Line } from "../spans.ts";

/** Draws lines of numbers in `width` × `height` characters; `series` tells whose colour to use. */
export type DrawChart = (request: {
  readonly series: readonly ChartSeries[];
  readonly xLabel: string;
  readonly title: string;
  readonly mark?: ChartMark;
  readonly width: number;
  readonly height: number;
}) => readonly (readonly { readonly text: string; readonly series?: number | undefined }[])[];

/** What a pane is made from. `height` counts content rows, without the title. */
export interface PaneInput {
  readonly screen: Screen;
  readonly state: ConsoleState;
  readonly events: Ring<EventLine>;
  readonly messages: Ring<TopicMessage>;
  readonly drawChart: DrawChart;
  /** The flow that Enter starts while the session has no run. */
  readonly offeredFlow: string;
  readonly keymap: readonly Binding[];
  readonly width: number;
  readonly height: number;
  readonly focused: boolean;
}

/** What a pane shows; at most `height` lines are drawn. */
export interface PaneContent {
  readonly title: string;
  /** Shown at the right end of the title's row. */
  readonly info: Line;
  readonly lines: readonly Line[];
}

/** The first index of a window of `height` rows over `length` rows that shows `index`. */
export function windowStart(index: number, length: number, height: number): number {
  const centred = index - Math.floor(height / 2);
  return Math.max(0, Math.min(centred, length - height));
}
