/** `events`: what happened in a run, from its log; with `-f` then what happens. */
import type { EventLine, RunView } from "../console/console-state.ts";
import { describeEvent } from "../console/describe-event.ts";
import { fitOf, withEvent } from "../console/run-view.ts";
import type { RunId } from "../protocol/ids.ts";
import type { RunEventData } from "../protocol/run-events.ts";
import { MISSING } from "../session/run-table.ts";
import type { SessionStore } from "../session/store.ts";
import { escapeText } from "../ui/escape-text.ts";
import type { OutputForm } from "./flag.ts";
import { watchRun } from "./follow-run.ts";
import { openArtifacts, openToldStore } from "./open-console.ts";
import type { ArtifactPath } from "./run-json.ts";
import { snapshotJson } from "./run-json.ts";
import { readRun } from "./show-run.ts";
import type { VerbContext } from "./verb.ts";

/** Prints the events of a run; resolves with the exit code. */
export async function showEvents(
  context: VerbContext<{ readonly follow: boolean }>,
): Promise<number> {
  const { config, flags, output, operands } = context;
  const artifacts = openArtifacts(config);
  const pathOf: ArtifactPath = (artifact) => artifacts.pathOf(artifact);
  const print = (line: string): void => output.out(line);
  const first = flags.follow ? undefined : await readRun(config, operands[0] ?? "", output);
  const store = openToldStore(config, output);
  try {
    const teller = tellEvents(store, flags.output, pathOf, print);
    if (first !== undefined) {
      const { damage } = store.runEvents(first.runId);
      for (const { key } of damage.filter(({ reason }) => reason === MISSING)) {
        output.err(`aimie-console: event ${escapeText(key)} is missing`);
      }
      teller.tell(first);
    }
    const code = first === undefined ? await watchRun(context, ({ run }) => teller.tell(run)) : 0;
    teller.end();
    return code;
  } finally {
    store.close();
  }
}

/** An event with the sentences that tell of it. */
interface ToldEvent {
  readonly data: RunEventData;
  readonly lines: readonly EventLine[];
}

/** What tells of a run's events, each once. */
interface EventTeller {
  /** Tells what the log has of the run beyond what was told. */
  tell(run: RunView): void;
  end(): void;
}

function tellEvents(
  store: Pick<SessionStore, "runEvents">,
  form: OutputForm,
  pathOf: ArtifactPath,
  print: (line: string) => void,
): EventTeller {
  let picture: RunView | undefined;
  let told: RunId | undefined;
  const all: ToldEvent[] = [];
  const open = (run: RunView): void => {
    if (told === undefined && form === "jsonl") print(JSON.stringify(snapshotJson(run, pathOf)));
    told = run.runId;
  };
  return {
    tell(run) {
      open(run);
      const seq = picture?.seq ?? 0;
      if (seq >= run.seq) return;
      const next = foldIn(picture, store.runEvents(run.runId, seq).events);
      picture = next.picture;
      if (form === "json") all.push(...next.events);
      else for (const line of next.events.flatMap((event) => linesOf(event, form))) print(line);
    },
    end() {
      if (form !== "json" || told === undefined) return;
      print(JSON.stringify({ version: 1, run: told, events: all.map(eventJson) }, null, 2));
    },
  };
}

/** Folds in what follows without a gap; what lies behind one waits. */
function foldIn(
  before: RunView | undefined,
  log: readonly RunEventData[],
): { readonly picture: RunView | undefined; readonly events: readonly ToldEvent[] } {
  let picture = before;
  const events: ToldEvent[] = [];
  for (const data of log) {
    const after = fitOf(picture, data) === "next" ? withEvent(picture, data) : undefined;
    if (after === undefined) break;
    events.push({ data, lines: describeEvent(picture, after, data) });
    picture = after;
  }
  return { picture, events };
}

function linesOf(event: ToldEvent, form: OutputForm): readonly string[] {
  if (form === "text") return event.lines.map(lineText);
  return [JSON.stringify({ type: "event", ...eventJson(event) })];
}

function lineText({ at, text }: EventLine): string {
  return `${new Date(at).toISOString().slice(11, 23)} ${escapeText(text)}`;
}

/** Levels, the gravest first. */
const LEVELS = ["error", "warning", "success"] as const;

function eventJson({ data: { runId, seq, event }, lines }: ToldEvent): object {
  const level = LEVELS.find((one) => lines.some((line) => line.level === one)) ?? "info";
  const text = lines.map((line) => line.text).join("; ");
  return { seq, at: event.at, level, source: "run", runId, text, event };
}
