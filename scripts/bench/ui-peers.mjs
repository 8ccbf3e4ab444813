/**
 * Programs that people watch, measured like the screen: `lnav` follows a file that grows at the same
 * rate, `htop` and `btop` show processes. Each opens its help by a key. Those that are not installed
 * are left out; process-compose and k9s are in neither registry.
 */
import {
  accessSync,
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  rmSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { format, print, quantile } from "./statistics.mjs";
import { memoryOf, processorMs, startOnTerminal } from "./terminal-program.mjs";

const SIZE = { columns: 200, rows: 60 };

const PEERS = [
  {
    name: "lnav",
    words: (file) => [file],
    open: "?",
    shown: /fancy log file viewer/,
    close: "q",
    quit: "q",
    grows: true,
  },
  {
    name: "htop",
    words: () => [],
    open: "h",
    shown: /Released under|htop \d/,
    close: "\u001b",
    quit: "q",
    grows: false,
  },
  {
    name: "btop",
    words: () => ["--utf-force"],
    open: "h",
    shown: /help/i,
    close: "\u001b",
    quit: "q",
    grows: false,
  },
];

/** Measures the ones that are there. */
export async function benchPeers(options) {
  for (const peer of PEERS) {
    if (isInstalled(peer.name)) await measure(peer, options);
    else print(peer.name, "is not installed");
  }
}

async function measure({ name, words, open, shown, close, quit, grows }, { seconds, rate }) {
  const folder = mkdtempSync(join(tmpdir(), "p-"));
  const file = join(folder, "load.log");
  const log = openSync(file, "a");
  const began = performance.now();
  let lines = 0;
  const grow = () => {
    const due = Math.floor(((performance.now() - began) / 1000) * rate);
    let text = "";
    for (; lines < due; lines += 1) {
      text += `${new Date().toISOString()} info load.qna.${lines} line ${lines} of the log\n`;
    }
    writeSync(log, text);
  };
  grow();
  const timer = grows ? setInterval(grow, 10) : undefined;
  const environment = { ...process.env, HOME: folder, TERM: "xterm-256color", LANG: "C.UTF-8" };
  const screen = startOnTerminal(name, words(file), { ...SIZE, folder, environment });
  try {
    await pause(3000);
    const before = { at: performance.now(), cpu: processorMs(screen.pid), ...screen.written };
    const took = [];
    while (performance.now() < before.at + seconds * 1000) {
      await pause(100 + Math.random() * 200);
      took.push(await screen.press(open, () => shown.test(screen.text())));
      await pause(100 + Math.random() * 200);
      await screen.press(close, () => !shown.test(screen.text()));
    }
    const tookMs = performance.now() - before.at;
    const line = (title, value, unit) => print(`${name}  ${title}`, format([value], unit, 1));
    line("key to screen, p50", quantile(took, 0.5), "ms");
    line("key to screen, p99", quantile(took, 0.99), "ms");
    line("processor", (100 * (processorMs(screen.pid) - before.cpu)) / tookMs, "% of a core");
    line("to the terminal", (screen.written.bytes - before.bytes) / tookMs, "kB/s");
    line("memory", memoryOf(screen.pid) / 2 ** 20, "MiB");
  } finally {
    clearInterval(timer);
    closeSync(log);
    await screen.end(quit);
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 500 });
  }
}

function isInstalled(name) {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
