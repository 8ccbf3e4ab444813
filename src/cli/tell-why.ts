/** `why`: the events that explain where a step stands. */
import { whyOf } from "../orchestrator/why-of.ts";
import { escapeText } from "../ui/escape-text.ts";
import { formatClock } from "../ui/format.ts";
import type { Config } from "./config.ts";
import type { OutputForm } from "./flag.ts";
import type { Output } from "./output.ts";
import { stepOf } from "./rerun-wish.ts";
import { readRun } from "./show-run.ts";

/** Which step of which run is to be explained, and how it is told. */
interface WhyWish {
  readonly wanted: string;
  readonly step: string;
  readonly form: OutputForm;
}

/**
 * Prints the chain of a step.
 * @throws OperatorError `usage` for a run or a step that cannot be found.
 */
export async function tellWhy(
  config: Config,
  { wanted, step, form }: WhyWish,
  output: Output,
): Promise<void> {
  const run = await readRun(config, wanted, output);
  const stepKey = stepOf(run.state, step);
  const status = run.state.steps[stepKey]?.progress.status ?? null;
  const chain = whyOf(run, stepKey);
  if (form === "text") {
    output.out(`${stepKey}: ${status}`);
    for (const { seq, at, says } of chain) {
      output.out(escapeText(`  #${seq}  ${formatClock(at)}  ${says}`));
    }
    return;
  }
  const told = chain.map((link) => ({ ...link, at: new Date(link.at).toISOString() }));
  const json = { version: 1, run: run.runId, step: stepKey, status, chain: told };
  output.out(form === "json" ? JSON.stringify(json, null, 2) : JSON.stringify(json));
}
