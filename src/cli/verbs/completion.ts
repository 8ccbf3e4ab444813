import { OperatorError } from "../../base/operator-error.ts";
import type { Verb } from "../verb.ts";
import { defineVerb } from "../verb.ts";

/** Prints a completion script for the verbs of a table. */
export const completionVerb = (table: () => readonly Verb[]): Verb =>
  defineVerb({
    name: "completion",
    group: "the system",
    summary: "a script that completes commands and flags in bash, zsh or fish",
    operands: "SHELL",
    count: [1, 1],
    flags: {},
    examples: [
      { line: 'eval "$(aimie-console completion bash)"', says: "for this shell" },
      {
        line: "aimie-console completion fish > ~/.config/fish/completions/aimie-console.fish",
        says: "for every fish from now on",
      },
    ],
    async perform({ operands: [wanted = ""], output }) {
      const { completionFor, SHELLS } = await import("../completion.ts");
      const shell = SHELLS.find((one) => one === wanted);
      if (shell === undefined) {
        const message = `there is no completion for ${wanted}`;
        throw new OperatorError({ code: "usage", message, nextStep: `use ${SHELLS.join(", ")}` });
      }
      output.out(completionFor(shell, table()));
      return 0;
    },
  });
