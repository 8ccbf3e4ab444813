import { basename, join } from "node:path";
import { errorMessage } from "../base/error-message.ts";
import { err, ok } from "../base/result.ts";
import type { CatalogueFolders } from "../console/catalogue.ts";
import { findModel } from "../console/catalogue.ts";
import type { ConsoleOptions } from "../console/console-options.ts";
import type { ModelTrust } from "../console/model-trust.ts";
import { commandParameters, valuesOf } from "../engines/command-model/invocation.ts";
import {
  filesOf,
  isTrusted,
  notTrusted,
  openCommandModel,
  showCommand,
  trustModel,
} from "../engines/command-model/trust.ts";
import { listParameters, readOverrides } from "../engines/xmile/parameters.ts";
import { attempt } from "../engines/xmile/problem.ts";
import { readModel } from "../engines/xmile/read-model.ts";
import type { Config } from "./config.ts";

/** Where the operator's trust in command models is kept. */
export function trustFileOf(config: Config): string {
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
const ASKED_CHARACTERS = 700;

/** Asks for trust and gives it, for the models of these folders. */
export function modelTrust(trustFile: string, folders: CatalogueFolders): ModelTrust {
  return {
    wanted({ name, commandFile }) {
      if (commandFile === undefined) return undefined;
      const opened = openCommandModel(commandFile);
      if (!opened.ok || isTrusted(trustFile, opened.value)) return undefined;
      const { model, folder, fingerprint } = opened.value;
      const command = showCommand(model);
      if (command.length > ASKED_CHARACTERS) return undefined;
      const files = [basename(commandFile), ...filesOf(model, folder)];
      return { name, title: model.title, command, folder, files, fingerprint };
    },
    give({ name, fingerprint }) {
      const found = findModel(folders, name);
      const file = found.ok ? found.value.commandFile : undefined;
      const opened = file === undefined ? undefined : openCommandModel(file);
      if (opened?.ok !== true || opened.value.fingerprint !== fingerprint) {
        const message = `the model ${name} has changed since it was shown`;
        return err({ message, nextStep: "start the run again and look at what it is now" });
      }
      try {
        trustModel(trustFile, opened.value);
        return ok(undefined);
      } catch (cause) {
        const message = `cannot write ${trustFile}: ${errorMessage(cause)}`;
        return err({ message, nextStep: "make the state folder writable" });
      }
    },
  };
}

interface Problem {
  readonly message: string;
  readonly nextStep?: string | undefined;
}
