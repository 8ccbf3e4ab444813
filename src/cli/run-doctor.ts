/** `doctor`: everything that can keep the program from working, each with a remedy. */
import { escapeText } from "../ui/escape-text.ts";
import type { Config } from "./config.ts";
import { checkBus } from "./doctor/check-bus.ts";
import { checkFolders } from "./doctor/check-folders.ts";
import { checkLanguageModel } from "./doctor/check-language-model.ts";
import { checkPrograms } from "./doctor/check-programs.ts";
import { checkStore } from "./doctor/check-store.ts";
import { checkSurroundings } from "./doctor/check-surroundings.ts";
import { checkProcesses, checkWorkers } from "./doctor/check-workers.ts";
import type { Finding } from "./doctor/finding.ts";
import type { OutputForm } from "./flag.ts";
import { openRegistry, openStore, storePath } from "./open-console.ts";
import type { Output } from "./output.ts";

/** Looks at everything and prints it; answers whether nothing failed. */
export async function runDoctor(
  config: Config,
  wish: { readonly form: OutputForm; readonly fix: boolean },
  output: Output,
): Promise<boolean> {
  const findings: readonly Finding[] = [
    ...(await checkBus(config)),
    ...checkFolders(config, wish.fix),
    ...checkStore(storePath(config), () => openStore(config), wish.fix),
    ...(await checkWorkers(config)),
    ...checkProcesses(openRegistry(config), wish.fix),
    ...(await checkLanguageModel(config)),
    ...checkPrograms(config),
    ...checkSurroundings(config.environment),
  ];
  const healthy = findings.every(({ verdict }) => verdict !== "fail");
  if (wish.form === "json") output.out(JSON.stringify({ version: 1, healthy, findings }));
  else for (const finding of findings) output.out(lineOf(finding, wish.form));
  return healthy;
}

const MARKS = { ok: "✓ ok  ", warn: "! warn", fail: "✗ FAIL" } as const;

function lineOf(finding: Finding, form: OutputForm): string {
  if (form !== "text") return JSON.stringify(finding);
  const { area, verdict, text, remedy } = finding;
  const advice = remedy === null ? "" : ` — ${remedy}`;
  return escapeText(`${MARKS[verdict]}  ${area.padEnd(9)}  ${text}${advice}`);
}
