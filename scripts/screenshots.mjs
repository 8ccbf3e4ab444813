/**
 * Draws the pictures of README.md and docs/TOUR.md: one real run, walked through with the keys the
 * tour names; each picture is the screen at that moment.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { openStage } from "./screenshots/stage.mjs";
import { svgOf } from "./screenshots/svg.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const images = join(root, "docs", "images");
const program = join(root, "bin", "aimie-console.js");
const countOf = (text, word) => text.split(word).length - 1;
const ESCAPE = "\x1b";
const not = (part) => (text) => !text.includes(part);
const shows = (part) => (text) => text.includes(part);

/** Keys, what the screen must show then, and the picture's name. */
const SCENES = [
  { until: shows("Enter"), name: "offer" },
  {
    keys: "\r",
    until: (text) => text.includes("1/3") && countOf(text, "running") >= 4,
    name: "running",
  },
  { until: shows("3/3") },
  { keys: "lj", until: shows("2 viz"), name: "console" },
  { keys: "t", until: shows("1 Timeline"), name: "timeline" },
  { keys: "t", until: shows("1 Flow") },
  { keys: "h", until: shows("2 sim") },
  { keys: "w", until: shows("━ Why"), name: "why" },
  { keys: ESCAPE, until: not("━ Why") },
  { keys: "r", until: shows("Rerun simulation"), name: "plan" },
  { keys: "\r", until: (text) => shows("attempt 2 · viz")(text) && shows("3/3")(text) },
  { keys: "a", until: shows("Ask") },
  { keys: "When does susceptible fall below 5000?", until: shows("5000?"), name: "question" },
  { keys: "\r", until: shows("first time"), name: "answer" },
  { keys: ":", until: shows("━ Palette"), name: "palette" },
  { keys: ESCAPE, until: not("━ Palette") },
  { keys: "5z", until: shows("result.simulation"), name: "topics" },
];

const stage = openStage({ program, columns: 120, rows: 36 });
try {
  mkdirSync(images, { recursive: true });
  for (const { keys, until, name } of SCENES) {
    if (keys !== undefined) stage.press(keys);
    await stage.until(name ?? `what follows ${keys ?? "the start"}`, until);
    if (name === undefined) continue;
    await new Promise((resolve) => setTimeout(resolve, 400)); // The frame is drawn to its end.
    process.stdout.write(`\n### ${name}\n${stage.screen()}\n`);
    writeFileSync(join(images, `${name}.svg`), svgOf(stage.terminal));
  }
} finally {
  stage.close();
}
