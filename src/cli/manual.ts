/** docs/CLI.md, written from the table of verbs. */
import { EXIT_MEANINGS } from "./exit-codes.ts";
import type { NamedFlag } from "./flag.ts";
import { COMMON_FLAGS, flagsOf, typedName } from "./flag.ts";
import type { Verb } from "./verb.ts";
import { usageOf, VERB_GROUPS } from "./verb.ts";

const OPENING = `# Commands

Written by \`npm run docs:cli\` from the table of verbs (\`src/cli/verbs/table.ts\`); \`aimie-console VERB
--help\` says the same. What \`--output json\` and \`jsonl\` print is in [JSON.md](JSON.md).

RUN is the id of a run, a beginning that only one id has, or \`@latest\`: of this machine, else of any
machine on the same bus. Results go to stdout; errors
and words for people go to stderr.`;

const SETTINGS = `## Settings

A setting is taken from the first place that has it: the flag, the environment, a file \`.env\` in the
folder one stands in, \`config.yaml\` in the configuration folder, the default. \`.env.example\` lists the
variables; \`aimie-console config\` shows each setting and where it comes from.`;

/** The whole page; `table` in the order of the help. */
export function manual(table: readonly Verb[]): string {
  const groups = VERB_GROUPS.flatMap((group) => {
    const verbs = table.filter((verb) => verb.group === group);
    const heading = `## ${group.charAt(0).toUpperCase()}${group.slice(1)}`;
    return verbs.length === 0 ? [] : [heading, ...verbs.map(verbSection)];
  });
  return `${[
    OPENING,
    ...groups,
    ["## Options of every command", "", ...optionTable(flagsOf(COMMON_FLAGS))].join("\n"),
    ["## Exit codes", "", ...exitTable(EXIT_MEANINGS)].join("\n"),
    SETTINGS,
  ].join("\n\n")}\n`;
}

function verbSection(verb: Verb): string {
  const { name, summary, details = [], flags, exits = [], examples } = verb;
  const shown = examples.flatMap(({ line, says }) => [`# ${says}`, line]);
  return [
    `### ${name === "" ? "aimie-console" : name}`,
    `${sentence(summary)}`,
    fenced([`${usageOf(verb)}${flags.length === 0 ? "" : " [OPTION…]"}`]),
    ...details.map((one) => prose(one)),
    ...(flags.length === 0 ? [] : [optionTable(flags).join("\n")]),
    ...(exits.length === 0 ? [] : [exitTable(exits).join("\n")]),
    ...(shown.length === 0 ? [] : [fenced(shown)]),
  ].join("\n\n");
}

function optionTable(flags: readonly NamedFlag[]): readonly string[] {
  return ["| option | |", "|---|---|", ...flags.map(optionRow)];
}

function optionRow({ name, short, placeholder, kind, says, fallback }: NamedFlag): string {
  const value = placeholder === undefined ? "" : ` ${placeholder}`;
  const typed = `--${typedName(name)}${value}`;
  const letter = short === undefined ? "" : `\`-${short}\`, `;
  const more = kind === "texts" ? "; may be repeated" : "";
  const otherwise =
    fallback === undefined || says.includes("default") ? "" : `; default ${fallback}`;
  return `| ${letter}\`${cell(typed)}\` | ${prose(cell(says))}${more}${otherwise} |`;
}

function exitTable(
  rows: readonly { readonly code: number | string; readonly when: string }[],
): readonly string[] {
  return [
    "| exit code | when |",
    "|---|---|",
    ...rows.map(({ code, when }) => `| ${code} | ${prose(cell(when))} |`),
  ];
}

function fenced(lines: readonly string[]): string {
  return ["```sh", ...lines, "```"].join("\n");
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${prose(text.slice(1))}.`;
}

/** Plain words for Markdown: nothing in them is markup. */
function prose(text: string): string {
  return text.replace(/[<>*_]/g, (mark) => `\\${mark}`);
}

/** A bar would end the cell of a table. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
