/** Writes the key table of the README from the console's own keymap. */
import { readFileSync, writeFileSync } from "node:fs";
import { keymapMarkdown } from "../src/ui/keymap.ts";

const path = new URL("../README.md", import.meta.url);
const text = readFileSync(path, "utf8");
const between = /<!-- keys:begin -->[\s\S]*<!-- keys:end -->/;
const table = `<!-- keys:begin -->\n${keymapMarkdown()}\n<!-- keys:end -->`;
writeFileSync(path, text.replace(between, table));
