/** `flows` and `flows validate`. */
import { listFlows, listModels } from "../console/catalogue.ts";
import type { Parameter } from "../orchestrator/flow.ts";
import type { Config } from "./config.ts";
import type { OutputForm } from "./flag.ts";
import { catalogueFolders } from "./open-console.ts";
import type { Output } from "./output.ts";
import { escaped } from "./output.ts";
import { readFlowFile } from "./run-command.ts";

/** Prints the flows with their parameters; a file that is no flow is told of and passed over. */
export function printFlows(config: Config, form: OutputForm, output: Output): void {
  const folders = catalogueFolders(config);
  const { out, err } = escaped(output);
  const flows = listFlows(folders, (path, problems) => {
    for (const { line, message, remedy } of problems) {
      err(`${path}:${line}: ${message} — ${remedy}`);
    }
  });
  if (form !== "text") {
    output.out(JSON.stringify(flows.map(({ flow, source }) => ({ source, ...flow }))));
    return;
  }
  for (const { flow, source } of flows) {
    out(`${flow.name}  (${source})`);
    out(`  ${flow.description}`);
    for (const [name, parameter] of Object.entries(flow.parameters)) {
      out(`  --set ${name}=…  ${describeParameter(parameter)}`);
    }
  }
  out(`models: ${listModels(folders).join(", ")}`);
}

/**
 * Says that a flow file is valid.
 * @throws OperatorError `usage` with every problem when it is not.
 */
export function validateFlow(file: string, form: OutputForm, config: Config, output: Output): void {
  const { flow } = readFlowFile(file, catalogueFolders(config));
  const agents = flow.steps.map((step) => `${step.id} (${step.agent})`).join(", ");
  if (form === "text") escaped(output).out(`${file} is valid: ${agents}`);
  else output.out(JSON.stringify(flow));
}

function describeParameter(parameter: Parameter): string {
  const value =
    parameter.default === undefined ? "required" : `default ${JSON.stringify(parameter.default)}`;
  return `${parameter.type}, ${value}. ${parameter.description ?? ""}`.trim();
}
