/** The full-screen front end, given what only this layer may know: the terminal and the desktop. */
import { spawn } from "node:child_process";
import { OperatorError } from "../base/operator-error.ts";
import type { ConsoleHandle } from "../console/console-handle.ts";
import { drawTerminalChart } from "../engines/chart/terminal-chart.ts";
import type { Binding } from "../ui/keymap/binding.ts";
import { readOnlyKeys, withOwnKeys } from "../ui/keymap/own-keys.ts";
import { KEYMAP } from "../ui/keymap.ts";
import type { UiExit } from "../ui/start-console-ui.tsx";
import { startConsoleUi } from "../ui/start-console-ui.tsx";
import type { EnvironmentFacts } from "./config.ts";
import type { ScreenSettings } from "./screen-settings.ts";
import { suspend } from "./suspend.ts";
import { guardTerminal } from "./terminal-guard.ts";

/** How the screen is to be. */
export interface ScreenWish {
  readonly settings: ScreenSettings;
  readonly environment: EnvironmentFacts;
  /** The flow that is offered first. */
  readonly flowName: string;
  readonly readonly: boolean;
  readonly closing: AbortSignal;
}

/** The operator's keys; a file that says impossible ones is refused before anything is drawn. */
function keymapOf({ keys }: ScreenSettings): readonly Binding[] {
  const own = withOwnKeys(KEYMAP, keys.value);
  if (own.ok) return own.value;
  const problems = own.error.map((message) => ({
    place: keys.source,
    message,
    remedy: "correct the file",
  }));
  const message = `${keys.source}: ${own.error[0] ?? ""}`;
  throw new OperatorError({ code: "usage", message, nextStep: "correct the file", problems });
}

/** Shows the console; resolves when the operator quits. */
export async function showScreen(handle: ConsoleHandle, wish: ScreenWish): Promise<UiExit> {
  const { settings, environment, flowName, readonly, closing } = wish;
  const keys = keymapOf(settings);
  const release = guardTerminal();
  const ui = startConsoleUi({
    handle,
    stdin: process.stdin,
    stdout: process.stdout,
    colour: colourLevel(environment),
    theme: settings.theme.value,
    mouse: settings.mouse.value === "on",
    keymap: readonly ? readOnlyKeys(keys) : keys,
    signs: settings.notify.value,
    offerRun: { flowName },
    drawChart: drawTerminalChart,
    openFile,
    editText: async (text) => {
      const { findEditor, editText } = await import("./edit-text.ts");
      const command = findEditor(environment.editors, environment.searchPath);
      return command.ok ? await editText(command.value, text, closing) : command;
    },
    suspend,
    closing,
  });
  return await ui.finally(release);
}

function colourLevel({
  noColour,
  colourTerm,
  term,
}: EnvironmentFacts): "none" | "16" | "256" | "truecolor" {
  if (noColour || term === "dumb") return "none";
  if (colourTerm === "truecolor" || colourTerm === "24bit") return "truecolor";
  return term.includes("256color") ? "256" : "16";
}

/** Opens a file with the desktop's program for it. */
function openFile(path: string): void {
  const program = process.platform === "darwin" ? "open" : "xdg-open";
  const child = spawn(program, [path], { detached: true, stdio: "ignore" });
  // A machine without a desktop has no such program; the path is on the screen all the same.
  child.on("error", () => undefined);
  child.unref();
}
