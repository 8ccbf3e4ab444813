import { z } from "zod";
import { MAX_RUNS, MAX_SEED, SAMPLINGS } from "../../protocol/ensemble-data.ts";
import { flag } from "../flag.ts";
import { defineVerb } from "../verb.ts";

/** Lists the models that can be run by name. */
export const modelsVerb = defineVerb({
  name: "models",
  group: "flows and models",
  summary: "list the models with their parameters, units and sources",
  operands: "",
  count: [0, 0],
  flags: {},
  examples: [
    { line: "aimie-console models --output json | jq -r '.[].name'", says: "the names alone" },
  ],
  async perform({ flags, config, output }) {
    (await import("../list-models.ts")).printModels(config, flags.output, output);
    return 0;
  },
});

/** Checks a model file. */
export const modelCheckVerb = defineVerb({
  name: "model check",
  group: "flows and models",
  summary: "check a model; what is wrong with its variable and line",
  operands: "FILE",
  count: [1, 1],
  flags: {},
  examples: [
    { line: "aimie-console model check mine.xmile", says: "exit code 2 when it cannot be run" },
  ],
  async perform({ operands: [file = ""], flags, config, output }) {
    (await import("../run-model.ts")).checkModelFile(file, flags.output, config, output);
    return 0;
  },
});

/** Simulates a model here, without agents and without a bus. */
export const modelRunVerb = defineVerb({
  name: "model run",
  group: "flows and models",
  summary: "simulate a model here and now, without agents",
  operands: "FILE",
  count: [1, 1],
  details: [
    "FILE is an XMILE file, the .yaml file of a command model, or a name that aimie-console models lists.\nA constant is set by its name, one element of an array as name[element], all of them as name.\nDistributions: uniform(min, max[, points]), normal(mean, sd), lognormal(mean, sd),\ntriangular(min, mode, max), choice(a, b) or choice(a:weight, b:weight), values(a, b).",
  ],
  flags: {
    set: flag(
      {
        kind: "texts",
        placeholder: "NAME=VALUE",
        says: "another value for a constant of the model",
      },
      z.array(z.string()).default([]),
    ),
    csv: flag(
      { kind: "switch", says: "print a row for each saved time, time first, then every variable" },
      z.boolean().default(false),
    ),
    vary: flag(
      {
        kind: "texts",
        placeholder: "NAME=DISTRIBUTION",
        says: "simulate many times; this constant varies",
      },
      z.array(z.string()).default([]),
    ),
    runs: flag(
      {
        kind: "text",
        placeholder: "N",
        says: "with --vary: how many simulations, 100 unless told",
      },
      z.coerce.number().int().min(2).max(MAX_RUNS).optional(),
    ),
    sampling: flag(
      {
        kind: "text",
        placeholder: "KIND",
        says: `with --vary: ${SAMPLINGS.join(", ")}`,
        values: SAMPLINGS,
      },
      z.enum(SAMPLINGS).default("monte-carlo"),
    ),
    seed: flag(
      { kind: "text", placeholder: "N", says: "with --vary: the same seed gives the same numbers" },
      z.coerce.number().int().min(0).max(MAX_SEED).default(1),
    ),
    threads: flag(
      { kind: "text", placeholder: "N", says: "with --vary: threads, one a processor unless told" },
      z.coerce.number().int().min(1).max(256).optional(),
    ),
  },
  examples: [
    {
      line: "aimie-console model run mine.xmile --set birth_rate=0.04 --csv > out.csv",
      says: "the whole course as a table",
    },
    {
      line: "aimie-console model run sir",
      says: "first, last, lowest and highest value of each variable",
    },
    {
      line: "aimie-console model run sir --vary 'contact_rate=uniform(6,10)' --runs 500",
      says: "quantiles of 500 runs, and how strongly each parameter matters",
    },
  ],
  async perform({ operands: [file = ""], flags, config, output, signals }) {
    const { runModelFile } = await import("../run-model.ts");
    await runModelFile(file, flags, { config, output, signals });
    return 0;
  },
});
