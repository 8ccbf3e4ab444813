import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { completionFor } from "../../src/cli/completion.ts";
import { VERBS } from "../../src/cli/verbs/table.ts";

/** What bash offers for the words of a command line; the last one is being typed. */
function offered(...words: readonly string[]): readonly string[] {
  const script = `${completionFor("bash", VERBS)}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _aimie_console; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const args = ["--norc", "-c", script, "bash", "aimie-console", ...words];
  const { stdout, stderr } = spawnSync("bash", args, { encoding: "utf8" });
  expect(stderr).toBe("");
  return stdout.trim().split("\n");
}

test.each(["bash", "zsh"] as const)("the script for %s is well-formed", (shell) => {
  const input = completionFor(shell, VERBS);
  expect(spawnSync("bash", ["-n"], { input, encoding: "utf8" })).toMatchObject({
    status: 0,
    stderr: "",
  });
});

test("bash completes verbs, second words, flags and what they take", () => {
  expect(offered("rer")).toEqual(["rerun"]);
  expect(offered("flows", "val")).toEqual(["validate"]);
  expect(offered("rerun", "@latest", "--dr")).toEqual(["--dry-run"]);
  expect(offered("run", "--output", "jsonl")).toEqual(["jsonl"]);
});

test("fish is told of every verb and flag with its words", () => {
  const lines = completionFor("fish", VERBS).split("\n");
  expect(new Set(lines).size).toBe(lines.length);
  expect(lines.some((line) => line.includes("-a rerun"))).toBe(true);
  expect(lines.some((line) => line.includes("seen_subcommand_from rerun' -l dry-run"))).toBe(true);
});
