/** Completion for shells, written from the table of verbs. */
import type { NamedFlag } from "./flag.ts";
import { COMMON_FLAGS, flagsOf, typedName } from "./flag.ts";
import type { Verb } from "./verb.ts";

/** The shells that are known. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

/** A script for a shell that completes verbs, flags and the words flags take. */
export function completionFor(shell: (typeof SHELLS)[number], table: readonly Verb[]): string {
  if (shell === "fish") return fishScript(table);
  const bash = bashScript(table);
  return shell === "bash" ? bash : `autoload -U +X bashcompinit && bashcompinit\n${bash}`;
}

function bashScript(table: readonly Verb[]): string {
  const firsts = [...new Set(table.map((verb) => firstWord(verb.name)))].filter(
    (one) => one !== "",
  );
  const choices = valuesOf(table).map(
    ({ name, values = [] }) =>
      `    --${typedName(name)}) COMPREPLY=($(compgen -W "${values.join(" ")}" -- "$current")); return ;;`,
  );
  const verbs = firsts.map((first) => `    ${first}) words="${wordsAfter(first, table)}" ;;`);
  return [
    "_aimie_console() {",
    `  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" words`,
    '  case "$previous" in',
    ...choices,
    "  esac",
    `  case "\${COMP_WORDS[1]}" in`,
    ...verbs,
    `    *) words="${[...firsts, ...typed(flagsOf(COMMON_FLAGS))].join(" ")}" ;;`,
    "  esac",
    `  [ "$COMP_CWORD" -eq 1 ] && words="${[...firsts, ...typed(flagsOf(COMMON_FLAGS))].join(" ")}"`,
    '  COMPREPLY=($(compgen -W "$words" -- "$current"))',
    "}",
    "complete -o default -F _aimie_console aimie-console",
  ].join("\n");
}

function fishScript(table: readonly Verb[]): string {
  const seen = new Set<string>();
  const verbs = table.flatMap((verb) => {
    if (verb.name === "") return verb.flags.map((flag) => fishFlag(flag, "__fish_use_subcommand"));
    const [first = "", second] = verb.name.split(" ");
    const condition = second === undefined ? "__fish_use_subcommand" : within(first);
    const own = verb.flags.map((flag) => fishFlag(flag, within(first)));
    const lines = [
      `complete -c aimie-console -n '${condition}' -a ${second ?? first} -d ${quoted(verb.summary)}`,
    ];
    return [...lines, ...own];
  });
  const common = flagsOf(COMMON_FLAGS).map((flag) => fishFlag(flag, undefined));
  return [...verbs, ...common].filter((line) => !seen.has(line) && seen.add(line)).join("\n");
}

function fishFlag({ name, short, kind, says, values }: NamedFlag, condition?: string): string {
  return [
    "complete -c aimie-console",
    ...(condition === undefined ? [] : [`-n '${condition}'`]),
    `-l ${typedName(name)}`,
    ...(short === undefined ? [] : [`-s ${short}`]),
    ...(kind === "switch" ? [] : ["-r"]),
    ...(values === undefined ? [] : [`-f -a ${quoted(values.join(" "))}`]),
    `-d ${quoted(says)}`,
  ].join(" ");
}

function within(first: string): string {
  return `__fish_seen_subcommand_from ${first}`;
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}

function firstWord(name: string): string {
  return name.split(" ", 1)[0] ?? name;
}

/** What can follow a first word: second words, and flags. */
function wordsAfter(first: string, table: readonly Verb[]): string {
  const verbs = table.filter((verb) => firstWord(verb.name) === first);
  const seconds = verbs.flatMap((verb) => verb.name.split(" ").slice(1));
  const flags = typed([...verbs.flatMap((verb) => verb.flags), ...flagsOf(COMMON_FLAGS)]);
  return [...new Set([...seconds, ...flags])].join(" ");
}

function typed(flags: readonly NamedFlag[]): readonly string[] {
  return flags.map((flag) => `--${typedName(flag.name)}`);
}

/** Flags whose value is one of some words. */
function valuesOf(table: readonly Verb[]): readonly NamedFlag[] {
  const all = [...flagsOf(COMMON_FLAGS), ...table.flatMap((verb) => verb.flags)];
  const known = new Map(
    all.filter((flag) => flag.values !== undefined).map((one) => [one.name, one]),
  );
  return [...known.values()];
}
