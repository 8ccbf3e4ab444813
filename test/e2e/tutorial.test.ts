/** docs/TUTORIAL.md, followed literally: its files are saved, its commands run, its output compared. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { newPlace, runProduct } from "../support/product.ts";

const PAGE = readFileSync(join(import.meta.dirname, "../../docs/TUTORIAL.md"), "utf8");
const HAS_PYTHON = spawnSync("python3", ["--version"]).status === 0;

/** What a reader does in turn. */
type Action =
  | { readonly kind: "save"; readonly path: string; readonly text: string }
  | { readonly kind: "run"; readonly commands: readonly string[] }
  | { readonly kind: "see"; readonly lines: readonly string[] };

function actionsOf(page: string): readonly Action[] {
  const blocks = page.matchAll(/([^\n]*)\n\n```(\w+)\n([\s\S]*?)```\n/g);
  return [...blocks].map(([, before = "", language = "", text = ""]): Action => {
    const path = /[Ss]ave this as `([^`]+)`:$/.exec(before)?.[1];
    if (path !== undefined) return { kind: "save", path, text };
    const lines = text.trimEnd().split("\n");
    if (language === "sh") return { kind: "run", commands: lines };
    if (language === "text") return { kind: "see", lines };
    throw new Error(`a block of ${language} after "${before}" is neither saved nor run`);
  });
}

/** The words of a command as a shell reads them: in double quotes, or by spaces. */
function wordsOf(command: string): readonly string[] {
  return [...command.matchAll(/(?:[^\s"]|"[^"]*")+/g)].map(([word]) => word.replaceAll('"', ""));
}

test.runIf(HAS_PYTHON)("the tutorial works as it is written", { timeout: 300_000 }, async () => {
  const place = newPlace();
  let said = "";
  let ran = 0;
  for (const action of actionsOf(PAGE)) {
    if (action.kind === "save") {
      mkdirSync(dirname(join(place.work, action.path)), { recursive: true });
      writeFileSync(join(place.work, action.path), action.text);
      continue;
    }
    if (action.kind === "see") {
      for (const line of action.lines) {
        const parts = line.split("…").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
        expect(said).toMatch(new RegExp(`^${parts.join(".*")}$`, "m"));
      }
      continue;
    }
    said = "";
    for (const command of action.commands) {
      const [program, ...words] = wordsOf(command);
      expect(program).toBe("aimie-console");
      const { code, stdout, stderr } = await runProduct(place, words);
      expect({ command, code, stderr }).toMatchObject({ command, code: 0 });
      said += stdout;
      ran += 1;
    }
  }
  expect(ran).toBeGreaterThan(8);
});
