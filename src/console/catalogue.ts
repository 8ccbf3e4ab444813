/** The flows and models one can use by name, found in folders. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { errorMessage } from "../base/error-message.ts";
import type { Result } from "../base/result.ts";
import { err, ok } from "../base/result.ts";
import type { CustomAgent } from "../orchestrator/custom-agent.ts";
import type { FlowProblem } from "../orchestrator/flow.ts";
import { parseFlow } from "../orchestrator/flow-file.ts";
import type { CustomAgentName } from "../protocol/ids.ts";
import { customAgentNameSchema } from "../protocol/ids.ts";
import type { FlowView } from "./console-state.ts";

/** Largest file that is read. */
const MAXIMUM_FILE_BYTES = 1_000_000;

/** A flow with its text, as a run stores it. */
export interface CataloguedFlow extends FlowView {
  readonly text: string;
}

/** Where flows and models are looked for; earlier folders win. */
export interface CatalogueFolders {
  readonly flows: readonly string[];
  readonly models: readonly string[];
  /** Reads which agents of the user's own flows may name. */
  readonly agents?: () => readonly CustomAgent[];
}

/** The valid flows of all folders; an invalid file is reported to `onProblem`, not used. */
export function listFlows(
  folders: CatalogueFolders,
  onProblem: (file: string, problems: readonly FlowProblem[]) => void,
): readonly CataloguedFlow[] {
  const builtIn = folders.flows[folders.flows.length - 1];
  const flows = new Map<string, CataloguedFlow>();
  const agents = folders.agents?.() ?? [];
  for (const folder of folders.flows) {
    for (const file of filesOf(folder, /\.ya?ml$/)) {
      const path = join(folder, file);
      const source = folder === builtIn ? "built-in" : path;
      const flow = readFlow({ path, source, agents }, onProblem);
      if (flow !== undefined && !flows.has(flow.flow.name)) flows.set(flow.flow.name, flow);
    }
  }
  return [...flows.values()];
}

function readFlow(
  place: {
    readonly path: string;
    readonly source: string;
    readonly agents: readonly CustomAgent[];
  },
  onProblem: (file: string, problems: readonly FlowProblem[]) => void,
): CataloguedFlow | undefined {
  const { path, source, agents } = place;
  const text = readText(path);
  if (!text.ok) return undefined;
  const parsed = parseFlow(text.value, agents);
  if (parsed.ok) return { flow: parsed.value, source, text: text.value };
  onProblem(path, parsed.error);
  return undefined;
}

/** The names of the agents of the user's own, also of those that cannot be used. */
export function ownAgents({
  agents,
}: Pick<CatalogueFolders, "agents">): readonly CustomAgentName[] {
  const names = (agents?.() ?? []).map(({ name }) => customAgentNameSchema.safeParse(name).data);
  return names.filter((name) => name !== undefined);
}

/** The names of the catalogued models. */
export function listModels(folders: Pick<CatalogueFolders, "models">): readonly string[] {
  const names = folders.models.flatMap((folder) =>
    filesOf(folder, MODEL_FILE).map((file) => file.replace(MODEL_FILE, "")),
  );
  return [...new Set(names)].sort();
}

const MODEL_FILE = /\.(xmile|stmx|xml|yaml)$/;

/** A command model's ending: its file is a description, and is never sent anywhere. */
const COMMAND_FILE = /\.yaml$/;

/** A model's text, and the folder it lies in. */
export interface FoundModel {
  readonly name: string;
  readonly folder: string;
  readonly text: string;
  /** The file, if it describes a command model. */
  readonly commandFile?: string;
}

/** A model's text by its name, or by a path that the user gave. */
export function findModel(
  folders: Pick<CatalogueFolders, "models">,
  nameOrPath: string,
): Result<FoundModel, string> {
  if (MODEL_FILE.test(nameOrPath)) {
    const name = basename(nameOrPath).replace(MODEL_FILE, "");
    return COMMAND_FILE.test(nameOrPath)
      ? findCommand(folders, name, nameOrPath)
      : readFound(name, nameOrPath);
  }
  for (const folder of folders.models) {
    const files = filesOf(folder, MODEL_FILE).filter(
      (one) => one.replace(MODEL_FILE, "") === nameOrPath,
    );
    // Where a folder has both, the file that is simulated here is meant.
    const file = files.find((one) => !COMMAND_FILE.test(one)) ?? files[0];
    if (file !== undefined) return readFound(nameOrPath, join(folder, file));
  }
  return err(`there is no model "${nameOrPath}"; the models are ${listModels(folders).join(", ")}`);
}

/** A command model travels by its name alone, so its file must be the one the name leads to. */
function findCommand(
  folders: Pick<CatalogueFolders, "models">,
  name: string,
  path: string,
): Result<FoundModel, string> {
  const found = findModel(folders, name);
  if (found.ok && found.value.commandFile === resolve(path)) return found;
  return err(`${path} is a command model; those are run by name: put it into ./models/`);
}

function readFound(name: string, path: string): Result<FoundModel, string> {
  const text = readText(path);
  if (!text.ok) return text;
  const found = { name, folder: dirname(path), text: text.value };
  return ok(COMMAND_FILE.test(path) ? { ...found, commandFile: resolve(path) } : found);
}

/** A file's text, if it is of reasonable size. */
export function readText(path: string): Result<string, string> {
  try {
    if (statSync(path).size > MAXIMUM_FILE_BYTES) {
      return err(`${path} is larger than ${MAXIMUM_FILE_BYTES / 1_000_000} MB`);
    }
    return ok(readFileSync(path, "utf8"));
  } catch (cause) {
    return err(`cannot read ${path}: ${errorMessage(cause)}`);
  }
}

function filesOf(folder: string, ending: RegExp): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((file) => ending.test(file))
      .sort();
  } catch {
    return []; // A folder that does not exist has no files.
  }
}
