/** `artifacts`: the files the steps of a run made; what only other machines have is fetched to save it. */
import { copyFileSync } from "node:fs";
import { dirname, parse, resolve } from "node:path";
import { systemClock } from "../base/clock.ts";
import { errorMessage } from "../base/error-message.ts";
import { makeFolder } from "../base/make-folder.ts";
import { OperatorError } from "../base/operator-error.ts";
import { fetchArtifact } from "../bus/artifact-exchange.ts";
import { openConnection } from "../bus/connection.ts";
import type { RunView } from "../console/console-state.ts";
import { outputOf } from "../orchestrator/state.ts";
import type { Artifact } from "../protocol/artifact.ts";
import type { ArtifactStore } from "../session/artifact-store.ts";
import { artifactsIn } from "../session/core/artifacts-of.ts";
import { escapeText } from "../ui/escape-text.ts";
import { formatBytes } from "../ui/format.ts";
import type { Config } from "./config.ts";
import type { OutputForm } from "./flag.ts";
import { openArtifacts, openBus } from "./open-console.ts";
import type { Output } from "./output.ts";
import { readRun } from "./show-run.ts";

/**
 * Lists the files of a run; with a folder, copies of those that are intact are put there. With the
 * address of a Redis, files to save that are not here are fetched from who has them.
 */
export async function showArtifacts(
  config: Config,
  wanted: string,
  { form, save }: { readonly form: OutputForm; readonly save: string | undefined },
  output: Output,
): Promise<number> {
  const store = openArtifacts(config);
  const files: FoundFile[] = [];
  const made = filesOf(await readRun(config, wanted, output));
  if (save !== undefined) await fetchMissing(made, store, config, output);
  for (const one of made) files.push(await found(one, store, save));
  if (form === "json") output.out(JSON.stringify({ version: 1, artifacts: files }, null, 2));
  else for (const file of files) output.out(fileText(file, form));
  return save !== undefined && files.some((file) => file.savedAs === null) ? 1 : 0;
}

/** Looks at a file, and puts a copy into the folder if it is intact. */
async function found(
  { step, artifact, fileName }: MadeFile,
  store: ArtifactStore,
  save: string | undefined,
): Promise<FoundFile> {
  const verdict = await store.verify(artifact);
  const path = store.pathOf(artifact);
  const savedAs = save === undefined || verdict !== "intact" ? null : resolve(save, fileName);
  if (savedAs !== null) copy(path, savedAs);
  return { step, ...artifact, path, verdict, savedAs };
}

/** Fetches what is not here; what nobody sends stays missing. */
async function fetchMissing(
  files: readonly MadeFile[],
  store: ArtifactStore,
  config: Config,
  output: Output,
): Promise<void> {
  const missing: Artifact[] = [];
  for (const { artifact } of files) {
    if ((await store.verify(artifact)) !== "intact") missing.push(artifact);
  }
  if (missing.length === 0 || config.redis.value === undefined) return;
  const { address } = await openBus(config);
  const connection = openConnection(address, "command");
  const scope = {
    artifacts: store,
    namespace: config.namespace.value,
    clock: systemClock,
    log: (_level: string, text: string) => output.err(escapeText(`aimie-console: ${text}`)),
  };
  try {
    for (const artifact of missing) {
      if (output.interactive) {
        output.err(escapeText(`fetching ${artifact.name}, ${formatBytes(artifact.bytes)}`));
      }
      await fetchArtifact(scope, connection, artifact);
    }
  } finally {
    connection.disconnect();
  }
}

/** A file a step has made, and how a copy of it is called. */
interface MadeFile {
  readonly step: string;
  readonly artifact: Artifact;
  readonly fileName: string;
}

/** A file of a run, as it was found. */
interface FoundFile extends Artifact {
  readonly step: string;
  readonly path: string;
  readonly verdict: "intact" | "missing" | "damaged";
  readonly savedAs: string | null;
}

function fileText(file: FoundFile, form: OutputForm): string {
  if (form === "jsonl") return JSON.stringify({ type: "artifact", ...file });
  const told = `${file.step}  ${file.name}  ${formatBytes(file.bytes)}  ${file.verdict}`;
  return `${escapeText(told)}  ${file.savedAs ?? file.path}`;
}

/** Every file of a run's steps, with a name that is its own: a message cannot choose a folder. */
function filesOf({ state }: RunView): readonly MadeFile[] {
  const used = new Set<string>();
  return Object.entries(state.steps).flatMap(([step, made]) =>
    artifactsIn(outputOf(made)).map((artifact) => {
      const { name, ext } = parse(`${step}-${artifact.name}`.replace(/[^\w.-]+/g, "_"));
      let fileName = `${name}${ext}`;
      for (let count = 2; used.has(fileName); count += 1) fileName = `${name}-${count}${ext}`;
      used.add(fileName);
      return { step, artifact, fileName };
    }),
  );
}

function copy(from: string, to: string): void {
  try {
    makeFolder(dirname(to));
    copyFileSync(from, to);
  } catch (cause) {
    const message = `cannot write ${to}: ${errorMessage(cause)}`;
    throw new OperatorError({ code: "usage", message, nextStep: "name another folder" }, { cause });
  }
}
