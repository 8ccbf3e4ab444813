/** `agent-init`: the files of a new agent, working as they are. */
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { errorMessage } from "../base/error-message.ts";
import { makeFolder } from "../base/make-folder.ts";
import { OperatorError } from "../base/operator-error.ts";
import { customAgentNameSchema } from "../protocol/ids.ts";
import type { OutputForm } from "./flag.ts";
import type { Output } from "./output.ts";
import { findPackagePaths } from "./package-paths.ts";

/** The languages there are templates for. */
type Language = "ts" | "python";

const PLACEHOLDER = /__NAME__/g;

/**
 * Writes `agents/NAME/` and `flows/try-NAME.yaml` below the folder of the shell.
 * @throws OperatorError `usage` for a name that cannot be used, or one that is there already.
 */
export function initAgent(
  wanted: string,
  { language, form }: { readonly language: Language; readonly form: OutputForm },
  output: Output,
): void {
  const parsed = customAgentNameSchema.safeParse(wanted);
  if (!parsed.success) {
    const message = `"${wanted}" cannot be an agent's name: ${parsed.error.issues[0]?.message ?? ""}`;
    throw new OperatorError({ code: "usage", message, nextStep: "choose another name" });
  }
  const name = parsed.data;
  const folder = resolve("agents", name);
  const flow = resolve("flows", `try-${name}.yaml`);
  for (const path of [folder, flow]) {
    if (!existsSync(path)) continue;
    const nextStep = "choose another name, or remove what is there";
    throw new OperatorError({ code: "usage", message: `${path} is there already`, nextStep });
  }
  const files = write(name, { folder, flow, language });
  const told = files.map((file) => relative(resolve("."), file));
  if (form !== "text") {
    output.out(JSON.stringify({ agent: name, files: told }));
    return;
  }
  for (const file of told) output.out(`made ${file}`);
  output.out(`next: aimie-console trust agents/${name}/agent.yaml`);
  output.out(`then: aimie-console run try-${name}`);
}

function write(
  name: string,
  to: { readonly folder: string; readonly flow: string; readonly language: Language },
): readonly string[] {
  const { templates, root } = findPackagePaths();
  const source = join(templates, `agent-${to.language}`);
  const pairs = [
    ...readdirSync(source).map((file) => [
      join(source, file),
      join(to.folder, file.replace(/\.txt$/, "")),
    ]),
    [join(templates, "try.yaml"), to.flow],
  ];
  try {
    for (const [from = "", path = ""] of pairs) {
      makeFolder(dirname(path));
      writeFileSync(path, readFileSync(from, "utf8").replaceAll(PLACEHOLDER, name));
    }
    if (to.language === "ts") {
      makeFolder(join(to.folder, "node_modules"));
      symlinkSync(root, join(to.folder, "node_modules", "aimie-console"), "dir");
    }
  } catch (cause) {
    const message = `cannot write the agent: ${errorMessage(cause)}`;
    const nextStep = "start it in a folder that can be written";
    throw new OperatorError({ code: "usage", message, nextStep }, { cause });
  }
  return pairs.map(([, path = ""]) => path);
}
