/** Checks what the program runs in: the terminal, Node, the programs it can use. */
import { findServer } from "../../bus/locate-bus.ts";
import type { EnvironmentFacts } from "../config.ts";
import type { Finding } from "./finding.ts";
import { fail, fine, warn } from "./finding.ts";

/** The smallest screen that shows panes. */
const LEAST_SCREEN = { columns: 60, rows: 15 };

/** The oldest Node that has all that is used. */
const LEAST_NODE = [22, 18] as const;

/** What is known of the terminal. */
export interface TerminalFacts {
  readonly isTerminal: boolean;
  readonly columns: number | undefined;
  readonly rows: number | undefined;
  /** How many bits of colour it shows. */
  readonly colourBits: number;
  readonly term: string;
  readonly noColour: boolean;
  /** LC_ALL, LC_CTYPE or LANG, the first that is set. */
  readonly locale: string;
}

/** What is said of a terminal. */
export function judgeTerminal(terminal: TerminalFacts): readonly Finding[] {
  const { isTerminal, columns = 0, rows = 0, colourBits, term, noColour, locale } = terminal;
  if (!isTerminal) {
    return [fine("terminal", "none: aimie-console runs without a screen")];
  }
  const size = `${columns}×${rows}`;
  const enough = columns >= LEAST_SCREEN.columns && rows >= LEAST_SCREEN.rows;
  const least = `${LEAST_SCREEN.columns}×${LEAST_SCREEN.rows}`;
  return [
    enough
      ? fine("terminal", `${size} characters`)
      : warn("terminal", `${size} characters are too few for a screen`, `enlarge it to ${least}`),
    judgeColour(colourBits, term, noColour),
    /utf-?8/i.test(locale)
      ? fine("terminal", `the locale ${locale} is UTF-8`)
      : warn("terminal", `the locale "${locale}" is not UTF-8`, "export LC_ALL=C.UTF-8"),
  ];
}

function judgeColour(bits: number, term: string, noColour: boolean): Finding {
  if (noColour) return fine("terminal", "no colour, as NO_COLOR asks");
  if (term === "dumb" || bits === 1) {
    return warn("terminal", `TERM=${term} shows no colour`, "set TERM to what the terminal is");
  }
  return fine("terminal", `${bits === 24 ? "16 million" : 2 ** bits} colours`);
}

/** What is said of the version of Node. */
export function judgeNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [leastMajor, leastMinor] = LEAST_NODE;
  const fits = major > leastMajor || (major === leastMajor && minor >= leastMinor);
  if (fits) return fine("system", `Node ${version}`);
  const remedy = `install Node ${LEAST_NODE.join(".")} or newer`;
  return fail("system", `Node ${version} is too old`, remedy);
}

/** Checks the surroundings of this process. */
export function checkSurroundings(environment: EnvironmentFacts): readonly Finding[] {
  const { stdout } = process;
  const server = findServer(environment.searchPath);
  return [
    ...judgeTerminal({
      isTerminal: stdout.isTTY === true,
      columns: stdout.columns,
      rows: stdout.rows,
      colourBits: stdout.isTTY === true ? stdout.getColorDepth() : 1,
      term: environment.term,
      noColour: environment.noColour,
      locale: environment.locale,
    }),
    judgeNode(process.versions.node),
    fine("system", server === undefined ? "no redis-server on PATH" : `found ${server}`),
  ];
}
