import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { seededRandom } from "../../src/base/random.ts";
import { err, ok } from "../../src/base/result.ts";
import { modelTrust } from "../../src/cli/check-model.ts";
import { composeRun } from "../../src/console/compose-run.ts";
import { trustOfRerun } from "../../src/console/rerun-trust.ts";
import { sessionIdSchema, stepKeySchema } from "../../src/protocol/ids.ts";
import { finished, flowOf, flowText } from "../support/run-history.ts";

const describedAs = (command: string): string => `command-model: 1
title: Savings
time-unit: Years
command: ${command}
`;

function withModel(command = '[sh, "{folder}/savings.sh"]') {
  const folder = mkdtempSync(join(tmpdir(), "trust-"));
  const file = join(folder, "savings.yaml");
  writeFileSync(file, describedAs(command));
  writeFileSync(join(folder, "savings.sh"), "echo time,sum\n");
  const trust = modelTrust(join(folder, "state", "trusted.json"), { flows: [], models: [folder] });
  return { folder, trust, model: { name: "savings", commandFile: file } };
}

test("a program is asked about with everything that is trusted, until it is trusted", () => {
  const { trust, model, folder } = withModel();

  const request = trust.wanted(model);
  expect(request).toMatchObject({
    name: "savings",
    title: "Savings",
    command: "sh {folder}/savings.sh",
    folder,
    files: ["savings.yaml", "savings.sh"],
  });
  expect(trust.give({ name: "savings", fingerprint: request?.fingerprint ?? "" })).toEqual(
    ok(undefined),
  );
  expect(trust.wanted(model)).toBeUndefined();
});

test("a program that changes between the question and the yes is not trusted", () => {
  const { trust, model, folder } = withModel();
  const request = trust.wanted(model);
  writeFileSync(join(folder, "savings.sh"), "rm -r ~\n");

  const given = trust.give({ name: "savings", fingerprint: request?.fingerprint ?? "" });

  expect(given).toMatchObject({
    ok: false,
    error: { message: expect.stringContaining("changed") },
  });
  expect(trust.wanted(model)).toBeDefined();
});

test("a list of trust that cannot be written is told of", () => {
  const { model, folder } = withModel();
  writeFileSync(join(folder, "state"), "a file where the folder should be");
  const trust = modelTrust(join(folder, "state", "trusted.json"), { flows: [], models: [folder] });
  const { name, fingerprint = "" } = trust.wanted(model) ?? { name: "savings" };

  expect(trust.give({ name, fingerprint })).toMatchObject({
    ok: false,
    error: { nextStep: "make the state folder writable" },
  });
});

test.each([
  ["of an XMILE model", { name: "sir" }],
  ["of a file that is gone", { name: "gone", commandFile: "/nowhere/gone.yaml" }],
])("nothing is asked %s", (_, model) => {
  expect(withModel().trust.wanted(model)).toBeUndefined();
});

test("a command that cannot be seen whole on a screen is not asked about", () => {
  const { trust, model } = withModel(`[sh, ${"x".repeat(700)}]`);
  expect(trust.wanted(model)).toBeUndefined();
});

const request = {
  name: "savings",
  title: "Savings",
  command: "sh savings.sh",
  folder: "/models",
  files: ["savings.yaml"],
  fingerprint: "f",
};
const composer = {
  random: seededRandom(1),
  findModel: (name: string) => ok({ name, text: "", commandFile: `/models/${name}.yaml` }),
  checkModel: () => "it is not trusted",
  checkConstants: () => undefined,
  trust: { wanted: () => request },
};

test("a run that needs trust is refused with what may be trusted", () => {
  const text = flowText("simulation-qna-viz");
  const composed = composeRun(composer, {
    flow: { flow: flowOf(text), source: "built-in", text },
    parameters: { model: "savings" },
    sessionId: sessionIdSchema.parse("S1"),
  });

  expect(composed).toMatchObject({
    ok: false,
    error: { message: "model savings: it is not trusted", trust: request },
  });
});

/** A run of a program: it has the name of its model, and no text of it. */
const ofProgram = (models: Readonly<Record<string, string>> = {}) => {
  const run = finished();
  const { origin } = run.state;
  const spec = {
    ...origin.spec,
    parameters: { ...origin.spec.parameters, model: "savings" },
    models,
  };
  return { ...run, state: { ...run.state, origin: { ...origin, spec } } };
};
const keys = (...names: readonly string[]) => names.map((name) => stepKeySchema.parse(name));

test("a rerun asks for trust where a step of it runs the program", () => {
  expect(trustOfRerun(ofProgram(), keys("simulation", "viz"), composer)).toBe(request);
  expect(trustOfRerun(ofProgram(), keys("viz"), composer)).toBeUndefined();
});

test("a rerun asks nothing where the model is one of the run's own texts, or not here", () => {
  const ofText = ofProgram({ savings: "<xmile/>" });
  expect(trustOfRerun(ofText, keys("simulation"), composer)).toBeUndefined();
  const elsewhere = { ...composer, findModel: () => err("there is no such model") };
  expect(trustOfRerun(ofProgram(), keys("simulation"), elsewhere)).toBeUndefined();
});
