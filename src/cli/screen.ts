/** The full-screen front end, given what only this layer may know: the terminal and the desktop. */
import { spawn } from "node:child_process";
import type { ConsoleHandle } from "../console/console-handle.ts";
import { drawTerminalChart } from "../engines/chart/terminal-chart.ts";
import type { UiExit } from "../ui/start-console-ui.tsx";
import { startConsoleUi } from "../ui/start-console-ui.tsx";
import type { Config, EnvironmentFacts } from "./config.ts";

/** Shows the console; resolves when the operator quits. */
export async function showScreen(
  handle: ConsoleHandle,
  config: Config,
  flowName: string,
  closing: AbortSignal,
): Promise<UiExit> {
  return await startConsoleUi({
    handle,
    stdin: process.stdin,
    stdout: process.stdout,
    colour: colourLevel(config.environment),
    offerRun: { flowName },
    drawChart: drawTerminalChart,
    openFile,
    closing,
  });
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
