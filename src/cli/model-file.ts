/** Reads XMILE models that are named on the command line. */
import { existsSync } from "node:fs";
import { OperatorError } from "../base/operator-error.ts";
import { findModel, readText } from "../console/catalogue.ts";
import type { Model } from "../engines/xmile/model.ts";
import type { ModelProblem } from "../engines/xmile/problem.ts";
import { readModel } from "../engines/xmile/read-model.ts";
import type { Config } from "./config.ts";
import { catalogueFolders } from "./open-console.ts";

/**
 * An XMILE model by its path or its name.
 * @throws OperatorError `usage` when there is none, or with what is wrong with it.
 */
export function readModelFile(file: string, config: Config): Model {
  const model = readModel(readModelText(file, config));
  if (!model.ok) throw problemOf(file, model.error);
  return model.value;
}

/**
 * The text of an XMILE model by its path or its name.
 * @throws OperatorError `usage` when there is none.
 */
export function readModelText(file: string, config: Config): string {
  const found = existsSync(file) ? readText(file) : catalogued(file, config);
  if (!found.ok) {
    throw new OperatorError({
      code: "usage",
      message: found.error,
      nextStep: "give the path of an XMILE file, or a name that aimie-console models lists",
    });
  }
  return found.value;
}

function catalogued(name: string, config: Config): ReturnType<typeof readText> {
  const found = findModel(catalogueFolders(config), name);
  return found.ok ? { ok: true, value: found.value.text } : found;
}

/** A problem of a model's file as the command line tells it. */
export function problemOf(file: string, { code, message, nextStep }: ModelProblem): OperatorError {
  const codes = { "not-finite": "run-failed", cancelled: "cancelled" } as const;
  return new OperatorError({
    code: code === "not-finite" || code === "cancelled" ? codes[code] : "usage",
    message: `${file}: ${message}`,
    nextStep,
  });
}
