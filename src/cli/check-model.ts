import { join } from "node:path";
import type { CheckedModel } from "../console/compose-run.ts";
import { isTrusted, notTrusted, openCommandModel } from "../engines/command-model/trust.ts";
import { readModel } from "../engines/xmile/read-model.ts";
import type { Config } from "./config.ts";

/** Where the operator's trust in command models is kept. */
export function trustFileOf(config: Config): string {
  return join(config.stateFolder.value, "trusted-models.json");
}

/** Says why a model cannot be run here; undefined when it can. */
export function modelCheck(config: Config): (model: CheckedModel) => string | undefined {
  return ({ name, text, commandFile }) => {
    const problem =
      commandFile === undefined ? xmileProblem(text) : commandProblem(name, commandFile, config);
    return problem === undefined
      ? undefined
      : `${problem.message} — ${problem.nextStep ?? "correct it"}`;
  };
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

interface Problem {
  readonly message: string;
  readonly nextStep?: string | undefined;
}
