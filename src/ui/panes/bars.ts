/** The rows that frame the panes: header, tabs, footer. */
import type { BusView, ConsoleState } from "../../console/console-state.ts";
import { formatDuration } from "../format.ts";
import type { Binding, Context } from "../keymap/binding.ts";
import { footerBindings, keyLabel } from "../keymap.ts";
import type { ActionName } from "../model/actions.ts";
import type { PaneId } from "../model/pane-ids.ts";
import { PANE_IDS } from "../model/pane-ids.ts";
import type { Screen } from "../model/screen.ts";
import { selectedRun } from "../model/selection.ts";
import type { Line, Span, Tone } from "../spans.ts";
import { fitLine, lineWidth, span } from "../spans.ts";
import { runLook } from "../theme.ts";
import { runSubject } from "./list-panes.ts";

/** How long a notice stays. */
const NOTICE_MS = 8000;

const HEALTH: Readonly<Record<BusView["health"], readonly [string, Tone]>> = {
  connecting: ["◔ connecting", "warning"],
  live: ["● live", "good"],
  "catching-up": ["◐ catching up", "warning"],
  disconnected: ["✗ disconnected", "bad"],
};

/** The two rows at the top. */
export function headerLines(screen: Screen, state: ConsoleState, width: number): readonly Line[] {
  return [runLine(screen, state, width), busLine(state, width)];
}

/** A row whose right part stays at the right edge; the left part gives way. */
export function spread(left: Line, right: Line, width: number): Line {
  const room = width - lineWidth(right);
  return room <= 0 ? fitLine(left, width) : [...fitLine(left, room), ...right];
}

function runLine(screen: Screen, state: ConsoleState, width: number): Line {
  const session = span(` ${state.session?.name ?? "no session"}`, "accent", true);
  const run = selectedRun(screen, state);
  if (run === undefined) return spread([session, span(" ▸ no run yet", "muted")], [], width);
  const look = runLook(run.state.status);
  const elapsed = (run.state.finishedAt ?? state.now) - run.state.startedAt;
  return spread(
    [
      session,
      span(" ▸ ", "muted"),
      span(runSubject(run), "text", true),
      span(`  ${run.runId}`, "muted"),
    ],
    [
      span(`  ${look.glyph} ${look.word}`, look.tone, true),
      span(`${formatDuration(elapsed).padStart(8)} `),
    ],
    width,
  );
}

function busLine({ bus, workers, now }: ConsoleState, width: number): Line {
  const [health, tone] = HEALTH[bus.health];
  const away = bus.health === "disconnected" ? ` for ${formatDuration(now - bus.healthSince)}` : "";
  const counts: readonly Span[] = [
    ["gaps", bus.gaps],
    ["late", bus.late],
    ["duplicate", bus.duplicate],
    ["malformed", bus.unparsable],
  ].flatMap(([name, count]) =>
    count === 0 ? [] : [span(`  ${name} ${count}`, name === "malformed" ? "bad" : "warning")],
  );
  const ready = workers.filter(({ status }) => status === "ready" || status === "busy").length;
  const kind = bus.kind === "given" ? "Redis" : bus.kind === "redis" ? "private Redis" : "embedded";
  const namespace = bus.namespace === "default" ? "" : ` [${bus.namespace}]`;
  return spread(
    [
      span(` ${kind} `, "muted"),
      span(`${health}${away}`, tone),
      ...counts,
      span(`  ${bus.address}${namespace}`, "muted"),
    ],
    [
      span(
        `  workers ready ${ready}/${workers.length} `,
        ready < workers.length ? "warning" : "good",
      ),
    ],
    width,
  );
}

/** The names of all panes with their numbers; the focused one stands out. */
export function tabLine(focus: PaneId, shown: ReadonlySet<PaneId>): Line {
  return PANE_IDS.flatMap((pane, index): Line => {
    const label = `${index + 1} ${pane}`;
    if (pane === focus) return [{ text: `[${label}]`, tone: "accent", bold: true, inverse: true }];
    return [span(` ${label} `, shown.has(pane) ? "text" : "muted")];
  });
}

/** The pane whose name stands at a column of the row of names. */
export function tabAt(column: number): PaneId | undefined {
  let at = 0;
  return PANE_IDS.find((pane, index) => {
    at += `${index + 1} ${pane}`.length + 2;
    return column < at;
  });
}

/** The last row: a notice while it is fresh, else the keys that work now. */
export function footerLine(
  screen: Screen,
  state: ConsoleState,
  {
    keymap,
    contexts,
    width,
  }: {
    readonly keymap: readonly Binding[];
    readonly contexts: readonly Context[];
    readonly width: number;
  },
): Line {
  const notice = freshNotice(screen, state);
  if (notice !== null) return noticeLine(notice);
  const usable = footerBindings(keymap, contexts).filter(
    (binding) => (binding.disabledReason?.(screen, { state }) ?? null) === null,
  );
  const pinned = usable.filter(({ action }) => PINNED.includes(action)).map(hintOf);
  let left = width - 1 - pinned.reduce((sum, hint) => sum + lineWidth(hint), 0);
  const others: Line[] = [];
  for (const hint of usable.filter(({ action }) => !PINNED.includes(action)).map(hintOf)) {
    left -= lineWidth(hint);
    if (left < 0) break;
    others.push(hint);
  }
  return [...others, ...pinned].flat();
}

/** Shown however narrow the terminal is: the way to all keys, and the way out. */
const PINNED: readonly ActionName[] = ["show-help", "quit"];

function hintOf({ keys, label }: Binding): Line {
  return [span(` ${keyLabel(keys[0] ?? "")}`, "accent", true), span(` ${label} `, "muted")];
}

function noticeLine({ level, text }: NonNullable<Screen["notice"]>): Line {
  const tone = level === "error" ? "bad" : "accent";
  return [span(level === "error" ? " ✗ " : " · ", tone, true), span(text)];
}

/** The newest notice that is not old yet. */
export function freshNotice(screen: Screen, state: ConsoleState): Screen["notice"] {
  const candidates = [screen.notice, state.notice].filter((one) => one !== null);
  const newest = candidates.toSorted((left, right) => right.at - left.at)[0];
  return newest !== undefined && state.now - newest.at < NOTICE_MS ? newest : null;
}
