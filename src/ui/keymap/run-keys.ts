import {
  whyNoChange,
  whyNoDiff,
  whyNoSources,
  whyNoStep,
  whyNoUndo,
} from "../model/availability.ts";
import type { Binding, Context } from "./binding.ts";
import { TEXTS } from "./dialog-keys.ts";

const EVERYWHERE: readonly Context[] = [
  ...(["panes", "help", "why", "sources", "diff", "confirm", "confirm-danger"] as const),
  ...(["quit"] as const),
  ...TEXTS,
];

/** The keys that compare runs, fork them with other parameters, and take things back. */
export const RUN_KEYS: readonly Binding[] = [
  {
    action: "change-parameters",
    keys: ["E"],
    contexts: ["panes"],
    changes: true,
    label: "other parameters",
    help: "Change the selected run's parameters and fork a run with them.",
    disabledReason: whyNoChange,
  },
  {
    action: "mark-run",
    keys: [" "],
    contexts: ["runs"],
    label: "mark",
    footer: 2,
    help: "Mark the selected run, to compare others with it; again lets go.",
    disabledReason: whyNoStep,
  },
  {
    action: "show-diff",
    keys: ["d"],
    contexts: ["panes"],
    label: "diff",
    footer: 9,
    help: "Compare with the marked run, the step's attempt before, or the run before.",
    disabledReason: whyNoDiff,
  },
  {
    action: "show-sources",
    keys: ["v"],
    contexts: ["panes"],
    label: "sources",
    footer: 9,
    help: "Show where the numbers of the selected answer come from, and go there.",
    disabledReason: whyNoSources,
  },
  {
    action: "suspend",
    keys: ["ctrl-z"],
    contexts: EVERYWHERE,
    label: "suspend",
    help: "Go behind the shell; fg comes back. Runs go on meanwhile.",
  },
  {
    action: "undo",
    keys: ["U"],
    contexts: ["panes"],
    changes: true,
    label: "undo",
    help: "Take back a session's new name, or bring back a form that was closed.",
    disabledReason: whyNoUndo,
  },
];
