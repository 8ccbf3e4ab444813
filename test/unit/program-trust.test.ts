import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { seededRandom } from "../../src/base/random.ts";
import { err, ok } from "../../src/base/result.ts";
import { programTrust } from "../../src/cli/program-trust.ts";
import { composeRun } from "../../src/console/compose-run.ts";
import type { WishProblem } from "../../src/console/program-trust.ts";
import { trustOfRerun } from "../../src/console/rerun-trust.ts";
import { sessionIdSchema, stepKeySchema, taskAgentNameSchema } from "../../src/protocol/ids.ts";
import { configIn } from "../support/program-config.ts";
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
  const trust = programTrust(configIn(folder), { models: [folder] });
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
  expect(
    trust.give({ kind: "model", name: "savings", fingerprint: request?.fingerprint ?? "" }),
  ).toEqual(ok(undefined));
  expect(trust.wanted(model)).toBeUndefined();
});

test("a program that changes between the question and the yes is not trusted", () => {
  const { trust, model, folder } = withModel();
  const request = trust.wanted(model);
  writeFileSync(join(folder, "savings.sh"), "rm -r ~\n");

  const given = trust.give({
    kind: "model",
    name: "savings",
    fingerprint: request?.fingerprint ?? "",
  });

  expect(given).toMatchObject({
    ok: false,
    error: { message: expect.stringContaining("changed") },
  });
  expect(trust.wanted(model)).toBeDefined();
});

test("a list of trust that cannot be written is told of", () => {
  const { model, folder } = withModel();
  writeFileSync(join(folder, "state"), "a file where the folder should be");
  const trust = programTrust(configIn(folder), { models: [folder] });
  const { name, fingerprint = "" } = trust.wanted(model) ?? { name: "savings" };

  expect(trust.give({ kind: "model", name, fingerprint })).toMatchObject({
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
  kind: "model" as const,
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
  trust: { wanted: () => request, refusal: (): WishProblem | undefined => undefined },
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
  expect(trustOfRerun(ofProgram(), keys("simulation", "viz"), composer)?.trust).toBe(request);
  expect(trustOfRerun(ofProgram(), keys("viz"), composer)).toBeUndefined();
});

test("a rerun asks nothing where the model is one of the run's own texts, or not here", () => {
  const ofText = ofProgram({ savings: "<xmile/>" });
  expect(trustOfRerun(ofText, keys("simulation"), composer)).toBeUndefined();
  const elsewhere = { ...composer, findModel: () => err("there is no such model") };
  expect(trustOfRerun(ofProgram(), keys("simulation"), elsewhere)).toBeUndefined();
});

test("a rerun asks for the agents and servers of its own steps alone", () => {
  const refused = { message: "it is not trusted", nextStep: "look at it" };
  const strict = {
    ...composer,
    trust: {
      wanted: () => undefined,
      refusal: ({ agent }: { readonly agent: string }) => (agent === "viz" ? refused : undefined),
    },
  };
  expect(trustOfRerun(finished(), keys("qna"), strict)).toBeUndefined();
  expect(trustOfRerun(finished(), keys("simulation", "viz"), strict)).toBe(refused);
});

const MANIFEST = (command: string) => `custom-agent: 1
description: Counts words.
command: ${command}
input: { type: object }
output: { type: object }
`;

function withAgent(command = '[sh, "{folder}/words.sh"]') {
  const folder = mkdtempSync(join(tmpdir(), "trust-"));
  const agent = join(folder, "config", "agents", "words");
  mkdirSync(agent, { recursive: true });
  writeFileSync(join(agent, "agent.yaml"), MANIFEST(command));
  writeFileSync(join(agent, "words.sh"), "cat\n");
  const step = { agent: taskAgentNameSchema.parse("words"), input: {} };
  return { agent, folder, step, trust: programTrust(configIn(folder), { models: [] }) };
}

test("an agent is asked about with all that is trusted, and again when its program changes", () => {
  const { agent, step, trust } = withAgent();
  const request = trust.refusal(step)?.trust;
  expect(request).toMatchObject({
    kind: "agent",
    name: "words",
    title: "Counts words.",
    command: "sh {folder}/words.sh",
    folder: agent,
    files: ["agent.yaml", "words.sh"],
  });
  const answer = { kind: "agent", name: "words", fingerprint: request?.fingerprint ?? "" } as const;
  expect(trust.give({ ...answer, fingerprint: "0".repeat(64) })).toMatchObject({ ok: false });
  expect(trust.refusal(step)).toBeDefined();
  expect(trust.give(answer)).toEqual(ok(undefined));
  expect(trust.refusal(step)).toBeUndefined();
  writeFileSync(join(agent, "words.sh"), "rm -r ~\n");
  expect(trust.refusal(step)?.trust?.fingerprint).not.toBe(request?.fingerprint);
});

test("an agent that foreign programs play runs no program of ours, so nothing is asked", () => {
  const { folder, step } = withAgent();
  const config = { ...configIn(folder), external: { value: [step.agent], source: "flag" } };
  expect(programTrust(config, { models: [] }).refusal(step)).toBeUndefined();
});

test("an agent whose command cannot be seen whole is refused, and not asked about", () => {
  const { step, trust } = withAgent(`[sh, "${"x".repeat(700)}"]`);
  expect(trust.refusal(step)).toMatchObject({ nextStep: expect.stringContaining("trust") });
  expect(trust.refusal(step)).not.toHaveProperty("trust");
});

function withServer(definition: object) {
  const folder = mkdtempSync(join(tmpdir(), "trust-"));
  const write = (changed: object): void => {
    mkdirSync(join(folder, "config"), { recursive: true });
    const file = join(folder, "config", "mcp.json");
    writeFileSync(file, JSON.stringify({ mcpServers: { calc: changed } }));
    chmodSync(file, 0o600);
  };
  write(definition);
  const step = { agent: "mcp" as const, input: { tool: "calc__add" } };
  const config = configIn(folder);
  return { write, step, config, trust: programTrust(config, { models: [] }) };
}

test("a server is asked about with what its environment says, until it is trusted", () => {
  const definition = {
    command: "calc",
    args: ["--fast"],
    env: { KEY: "$" + "{TOKEN}", MODE: "x" },
  };
  const { write, step, trust } = withServer(definition);
  const request = trust.refusal(step)?.trust;
  expect(request).toMatchObject({
    kind: "server",
    name: "calc",
    command: "calc --fast  env:KEY=$" + "{TOKEN}  env:MODE=x",
    folder: null,
  });
  expect(JSON.stringify(request)).not.toContain("s3cret-value");
  const fingerprint = request?.fingerprint ?? "";
  expect(trust.give({ kind: "server", name: "calc", fingerprint })).toEqual(ok(undefined));
  expect(trust.refusal(step)).toBeUndefined();
  write({ ...definition, args: ["--slow"] });
  expect(trust.refusal(step)?.trust?.command).toContain("calc --slow");
});

test("no server is asked about where workers of ours are not started, or none is meant", () => {
  const { config, step, trust } = withServer({ command: "calc" });
  const none = { ...config, agents: { value: "none" as const, source: "flag" } };
  expect(programTrust(none, { models: [] }).refusal(step)).toBeUndefined();
  for (const tool of ["other__add", "$" + "{{ parameters.tool }}", 7]) {
    expect(trust.refusal({ agent: "mcp", input: { tool } })).toBeUndefined();
  }
});
