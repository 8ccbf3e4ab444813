/** The panes that follow a stream: events, and the messages of a topic. */
import type { EventLine, TopicMessage } from "../../console/console-state.ts";
import { formatClock } from "../format.ts";
import type { LogSource, LogView, Placed } from "../model/log-view.ts";
import { currentItem, unseen, visibleItems } from "../model/log-view.ts";
import { eventSource, messageSource } from "../model/selection.ts";
import type { TextField } from "../model/text-field.ts";
import type { Line, Tone } from "../spans.ts";
import { cell, fitLine, selectedLine, span, widthOf, wrapText } from "../spans.ts";
import { topicsTable } from "./list-panes.ts";
import type { PaneContent, PaneInput } from "./pane.ts";

const LEVELS: Readonly<Record<EventLine["level"], readonly [string, Tone]>> = {
  info: ["·", "muted"],
  success: ["✓", "good"],
  warning: ["!", "warning"],
  error: ["✗", "bad"],
};

/** Everything that happened, newest last. */
export function eventsPane(input: PaneInput): PaneContent {
  const { screen, events, width, focused } = input;
  const source = eventSource(screen, events);
  const items = visibleItems(source, screen.events, input.height);
  return {
    title: "Events",
    info: infoLine(source, screen.events, focused ? screen.filterField : null),
    lines: items.map(({ place, item }) => {
      const [mark, tone] = LEVELS[item.level];
      const line = fitLine(
        [
          span(` ${formatClock(item.at)} `, "muted"),
          span(`${mark} `, tone),
          span(cell(item.source, width < 80 ? 10 : 18), "muted"),
          span(` ${item.text}`, item.level === "info" ? "text" : tone),
        ],
        width,
      );
      return focused && place === screen.events.cursor ? selectedLine(line) : line;
    }),
  };
}

function infoLine<Item>(source: LogSource<Item>, view: LogView, typed: TextField | null): Line {
  const filter: Line =
    typed === null
      ? view.filter === ""
        ? []
        : [span(`/${view.filter}  `, "accent")]
      : [
          span(`/${typed.before}`, "accent", true),
          { text: typed.after.charAt(0) || " ", inverse: true },
          span(`${typed.after.slice(1)}  `, "accent", true),
        ];
  const fresh = unseen(source, view);
  const state: Line =
    view.bottom === null
      ? [span("▾ following", "good")]
      : [span("‖ paused", "warning"), span(fresh === 0 ? "" : ` ${fresh} new`, "warning")];
  const problem: Line = source.problem == null ? [] : [span(`✗ ${source.problem}  `, "bad", true)];
  return [...filter, ...problem, ...state];
}

/** The topics, or the messages of the open one. */
export function topicsPane(input: PaneInput): PaneContent {
  const { screen, messages, focused } = input;
  if (screen.openTopic === null) return topicsTable(input);
  const source = messageSource(screen, messages);
  const current = currentItem(source, screen.messages);
  const detail = current === undefined ? [] : messageDetail(current, input);
  const room = Math.max(1, input.height - detail.length);
  const items = visibleItems(source, screen.messages, room);
  const lines = items.map((placed) => messageLine(placed, input, current === placed.item));
  const blank = Array.from({ length: Math.max(0, room - lines.length) }, (): Line => []);
  return {
    title: `Topics  ${screen.openTopic}`,
    info: infoLine(source, screen.messages, focused ? screen.filterField : null),
    lines:
      lines.length === 0
        ? [[span("  No message here.", "muted")]]
        : [...lines, ...blank, ...detail],
  };
}

function messageLine(
  { item }: Placed<TopicMessage>,
  { width, focused }: PaneInput,
  chosen: boolean,
): Line {
  const problem: Line =
    item.problem === null
      ? [span("  ")]
      : [span("✗ ", "bad", true), span(`${item.problem}  `, "bad")];
  const line = fitLine(
    [span(`${chosen ? "›" : " "}${formatClock(item.at)} `, "muted"), ...problem, span(item.text)],
    width,
  );
  return chosen && focused ? selectedLine(line) : line;
}

/** The message under the cursor in full, as far as there is room. */
function messageDetail(message: TopicMessage, { width, height }: PaneInput): readonly Line[] {
  const room = Math.floor(height / 2) - 1;
  if (room < 3) return [];
  const text = prettyJson(message.text);
  const lines = text
    .split("\n")
    .slice(0, room)
    .flatMap((line) => wrapText(line, width - 3))
    .slice(0, room);
  const problem: readonly Line[] =
    message.problem === null ? [] : [[span(`  ✗ not usable: ${message.problem}`, "bad", true)]];
  const rule = `─ message ${"─".repeat(Math.max(0, width - widthOf("─ message ")))}`;
  return [[span(rule, "muted")], ...problem, ...lines.map((line): Line => [span(`  ${line}`)])];
}

function prettyJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 1);
  } catch {
    // A malformed message is shown as it came.
    return text;
  }
}
