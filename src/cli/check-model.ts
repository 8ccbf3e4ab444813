import { basename, join } from "node:path";
import type { CatalogueFolders, FoundModel } from "../console/catalogue.ts";
import { findModel } from "../console/catalogue.ts";
import type { ConsoleOptions } from "../console/console-options.ts";
import type { TrustRequest } from "../console/program-trust.ts";
import { commandParameters, valuesOf } from "../engines/command-model/invocation.ts";
import type { OpenedModel } from "../engines/command-model/trust.ts";
import {
  filesOf,
  isTrusted,
  notTrusted,
  openCommandModel,
  wholeCommand,
} from "../engines/command-model/trust.ts";
import { listParameters, readOverrides } from "../engines/xmile/parameters.ts";
import { attempt } from "../engines/xmile/problem.ts";
import { readModel } from "../engines/xmile/read-model.ts";
import type { Config } from "./config.ts";

/** Where the operator's trust in programs is kept. */
export function trustFileOf(config: Pick<Config, "stateFolder">): string {
  return join(config.stateFolder.value, "trusted-models.json");
}

/** What is known of models before a run is sent. */
export function modelChecks(
  config: Config,
): Pick<ConsoleOptions, "checkConstants" | "checkModel" | "constantsOf"> {
  return {
    checkModel({ name, text, commandFile }) {
      const problem =
        commandFile === undefined ? xmileProblem(text) : commandProblem(name, commandFile, config);
      return problem === undefined
        ? undefined
        : `${problem.message} — ${problem.nextStep ?? "correct it"}`;
    },
    checkConstants({ text, commandFile }, values) {
      if (Object.keys(values).length === 0) return undefined;
      const problem =
        commandFile === undefined ? xmileUnfit(text, values) : commandUnfit(commandFile, values);
      const { message, nextStep = "correct the values" } = problem ?? {};
      return message === undefined ? undefined : { message, nextStep };
    },
    constantsOf({ text, commandFile }) {
      if (commandFile === undefined) {
        const model = readModel(text);
        return model.ok ? listParameters(model.value) : [];
      }
      const opened = openCommandModel(commandFile);
      return opened.ok ? commandParameters(opened.value.model) : [];
    },
  };
}

/** Of a model that can be read. */
function xmileUnfit(text: string, values: Readonly<Record<string, number>>): Problem | undefined {
  const model = readModel(text);
  if (!model.ok) return undefined;
  const read = attempt(() => readOverrides(model.value, values));
  return read.ok ? undefined : read.error;
}

function commandUnfit(file: string, values: Readonly<Record<string, number>>): Problem | undefined {
  const opened = openCommandModel(file);
  if (!opened.ok) return undefined;
  const read = valuesOf(opened.value.model, values);
  return read.ok ? undefined : read.error;
}

function xmileProblem(text: string): Problem | undefined {
  const model = readModel(text);
  return model.ok ? undefined : model.error;
}

function commandProblem(name: string, file: string, config: Config): Problem | undefined {
  const opened = openCommandModel(file);
  if (!opened.ok) return opened.error;
  return isTrusted(trustFileOf(config), opened.value) ? undefined : notTrusted(name, opened.value);
}

/** Longest command that is asked about on a screen, where it must be seen whole. */
export const ASKED_CHARACTERS = 700;

/** What has to be asked before a model runs; undefined when nothing has, or nothing can be. */
export function modelWanted(
  trustFile: string,
  { name, commandFile }: Pick<FoundModel, "name" | "commandFile">,
): TrustRequest | undefined {
  if (commandFile === undefined) return undefined;
  const opened = openCommandModel(commandFile);
  if (!opened.ok || isTrusted(trustFile, opened.value)) return undefined;
  const request = requestFor(name, commandFile, opened.value);
  return request.command.length > ASKED_CHARACTERS ? undefined : request;
}

/** The command model of a name as it is now; undefined where there is none. */
export function findTrustedModel(
  folders: Pick<CatalogueFolders, "models">,
  name: string,
): { readonly request: TrustRequest; readonly trusted: OpenedModel } | undefined {
  const found = findModel(folders, name);
  const file = found.ok ? found.value.commandFile : undefined;
  const opened = file === undefined ? undefined : openCommandModel(file);
  if (file === undefined || opened?.ok !== true) return undefined;
  return { request: requestFor(name, file, opened.value), trusted: opened.value };
}

function requestFor(
  name: string,
  file: string,
  { model, folder, fingerprint }: OpenedModel,
): TrustRequest {
  return {
    ...{ kind: "model", name, title: model.title, folder, fingerprint },
    command: wholeCommand(model),
    files: [basename(file), ...filesOf(model, folder)],
  };
}

interface Problem {
  readonly message: string;
  readonly nextStep?: string | undefined;
}
