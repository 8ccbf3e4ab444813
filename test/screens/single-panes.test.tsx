import { Box } from "ink";
import { render } from "ink-testing-library";
import { expect, test } from "vitest";
import { createStore } from "zustand/vanilla";
import type { ConsoleHandle } from "../../src/console/console-handle.ts";
import type { ConsoleState } from "../../src/console/console-state.ts";
import { Ring } from "../../src/console/ring.ts";
import { PaneView } from "../../src/ui/components/pane-view.tsx";
import type { UiRuntime } from "../../src/ui/components/runtime.ts";
import { RuntimeProvider } from "../../src/ui/components/runtime.ts";
import { TooSmall } from "../../src/ui/components/too-small.tsx";
import { KEYMAP } from "../../src/ui/keymap.ts";
import type { PaneId } from "../../src/ui/model/pane-ids.ts";
import { FIRST_SCREEN } from "../../src/ui/model/screen.ts";
import { themeOf } from "../../src/ui/theme.ts";
import { stateOf, worker } from "../support/mount-screen.ts";

function runtimeOf(state: ConsoleState): UiRuntime {
  const handle: ConsoleHandle = {
    store: createStore<ConsoleState>(() => state),
    events: new Ring(10),
    messages: new Ring(10),
    dispatch: () => Promise.resolve({ ok: true, runId: null }),
    plan: () => Promise.resolve(undefined),
    artifactPath: (artifact) => artifact.name,
    readConstants: () => undefined,
    close: () => Promise.resolve(),
  };
  return {
    handle,
    store: createStore(() => ({ screen: FIRST_SCREEN, crash: null, theme: themeOf("none") })),
    keymap: KEYMAP,
    drawChart: () => [],
    offeredFlow: "simulation-qna-viz",
    size: { columns: 100, rows: 24 },
  };
}

function paneLines(pane: PaneId, state: ConsoleState): readonly string[] {
  const screen = { ...FIRST_SCREEN, focus: pane };
  const rect = { x: 0, y: 0, width: 100, height: 8 };
  const { lastFrame, unmount } = render(
    <RuntimeProvider value={runtimeOf(state)}>
      <Box width={100} height={8}>
        <PaneView pane={pane} rect={rect} screen={screen} />
      </Box>
    </RuntimeProvider>,
  );
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it removes bold and inverse.
  const text = (lastFrame() ?? "").replace(/\u001B\[[\d;]*m/g, "");
  unmount();
  return text.split("\n");
}

test("the agents pane keeps its columns in line, however different the workers are", () => {
  const lines = paneLines(
    "agents",
    stateOf({
      workers: [
        worker("qna:1"),
        worker("simulation:12", { status: "given-up", restarts: 17, heartbeat: null, pid: null }),
      ],
    }),
  );

  const [, head = "", first = "", second = ""] = lines;
  const end = head.indexOf("memory") + "memory".length;
  expect(first.slice(0, end).endsWith("84.3 MB")).toBe(true);
  expect(second.slice(0, end).endsWith("–")).toBe(true);
  expect(second).toContain("✗ given up");
});

test("the way to more room names both sizes", () => {
  const { lastFrame, unmount } = render(
    <RuntimeProvider value={{ ...runtimeOf(stateOf()), size: { columns: 40, rows: 9 } }}>
      <Box width={40} height={9}>
        <TooSmall />
      </Box>
    </RuntimeProvider>,
  );

  expect(lastFrame()).toContain("now  40×9");
  expect(lastFrame()).toContain("need 60×15");
  unmount();
});
