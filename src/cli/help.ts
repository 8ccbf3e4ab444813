/** What `--help` says, drawn from the table of verbs. */
import type { NamedFlag } from "./flag.ts";
import { COMMON_FLAGS, flagsOf, typedName } from "./flag.ts";
import type { Verb } from "./verb.ts";
import { usageOf, VERB_GROUPS } from "./verb.ts";

const EXIT_CODES_TEXT = `Exit codes
  0 succeeded   1 run failed   2 usage or validation   3 bus unreachable   4 timeout
  5 waiting for a person   6 conflict   7 worker given up   8 cancelled   70 a bug
  130/143 interrupted`;

/** The help of the whole program. */
export function overviewHelp(table: readonly Verb[]): string {
  const groups = VERB_GROUPS.flatMap((group) => {
    const verbs = table.filter((verb) => verb.group === group);
    if (verbs.length === 0) return [];
    const heading = group.charAt(0).toUpperCase() + group.slice(1);
    return [[heading, ...columns(verbs.map((verb) => [usageOf(verb), verb.summary]))].join("\n")];
  });
  return [
    "aimie-console — operator console for event-driven agents over Redis topics",
    ...groups,
    ["Options of every command", ...columns(flagsOf(COMMON_FLAGS).map(flagRow))].join("\n"),
    `Examples\n  aimie-console run --question "When does infectious peak?"\n  aimie-console run --set parameters.contact_rate=8 --output json | jq .answer\n  aimie-console run --help              what run can do, with examples`,
    EXIT_CODES_TEXT,
  ].join("\n\n");
}

/** The help of one verb. */
export function verbHelp(verb: Verb): string {
  const { summary, details = [], flags, exits = [], examples } = verb;
  const own = flags.length === 0 ? [] : [["Options", ...columns(flags.map(flagRow))].join("\n")];
  const shown = examples.flatMap(({ line, says }) => [`  ${line}`, `      ${says}`]);
  return [
    `${usageOf(verb)} — ${summary}`,
    ...details,
    ...own,
    ...(exits.length === 0
      ? []
      : [["Exit codes", ...columns(exits.map(({ code, when }) => [`${code}`, when]))].join("\n")]),
    ...(shown.length === 0 ? [] : [["Examples", ...shown].join("\n")]),
    ["Options of every command", ...columns(flagsOf(COMMON_FLAGS).map(flagRow))].join("\n"),
  ].join("\n\n");
}

/** A flag as help shows it: how it is typed, what it does. */
function flagRow({ name, short, placeholder, kind, says }: NamedFlag): readonly [string, string] {
  const typed = `--${typedName(name)}${placeholder === undefined ? "" : ` ${placeholder}`}`;
  const letter = short === undefined ? "" : `-${short}, `;
  return [`${letter}${typed}`, kind === "texts" ? `${says}; may be repeated` : says];
}

/** The widest left column that keeps its text beside it. */
const LEFT_WIDTH = 38;

function columns(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.min(LEFT_WIDTH, Math.max(...rows.map(([left]) => left.length)));
  return rows.flatMap(([left, right]) =>
    left.length > width
      ? [`  ${left}`, `  ${" ".repeat(width)}  ${right}`]
      : [`  ${left.padEnd(width)}  ${right}`],
  );
}
