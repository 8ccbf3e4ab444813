import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { FlowProblem } from "../../src/orchestrator/flow.ts";
import { flowSchema } from "../../src/orchestrator/flow.ts";
import { parseFlow } from "../../src/orchestrator/flow-file.ts";

function problemsOf(text: string): readonly FlowProblem[] {
  const parsed = parseFlow(text);
  if (parsed.ok) throw new Error("the flow has no problem");
  return parsed.error;
}

const SIMULATION = "{ agent: simulation, input: { model: sir } }";

const flowsFolder = join(import.meta.dirname, "../../flows");

test.each(readdirSync(flowsFolder))("accepts the built-in flow %s", (file) => {
  const parsed = parseFlow(readFileSync(join(flowsFolder, file), "utf8"));
  expect(parsed).toMatchObject({ ok: true });
});

test("fills in what a step does not say", () => {
  expect(parseFlow(`name: x\nsteps:\n  a: ${SIMULATION}\n`)).toEqual({
    ok: true,
    value: {
      name: "x",
      description: "",
      parameters: {},
      steps: [
        {
          id: "a",
          agent: "simulation",
          needs: [],
          input: { model: "sir" },
          retry: { attempts: 3, initialDelayMs: 1000, factor: 2, maximumDelayMs: 60_000 },
          timeoutMs: 120_000,
        },
      ],
    },
  });
});

test.each([
  ["500ms", 500],
  ["30s", 30_000],
  ["1.5m", 90_000],
  ["24h", 86_400_000],
  ["2", 2000],
])("reads the timeout %s", (text, timeoutMs) => {
  const parsed = parseFlow(
    `name: x\nsteps:\n  a: { agent: simulation, input: { model: sir }, timeout: ${text} }`,
  );
  expect(parsed).toMatchObject({ ok: true, value: { steps: [{ timeoutMs }] } });
});

test("reads needs as one name or several", () => {
  const parsed = parseFlow(`name: x
steps:
  a: ${SIMULATION}
  b: { agent: simulation, needs: a, input: { model: sir } }
  c: { agent: simulation, needs: [a, b], input: { model: sir } }
`);
  expect(parsed).toMatchObject({
    value: { steps: [{ needs: [] }, { needs: ["a"] }, { needs: ["a", "b"] }] },
  });
});

test("lets a step look up what a person said to it, and an instance its item", () => {
  const input = `{ model: "\${{ item }} \${{ feedback.a }} \${{ index }}" }`;
  const text = `name: x\nsteps:\n  a: { agent: simulation, foreach: [sir], input: ${input} }\n`;
  expect(parseFlow(text)).toMatchObject({ ok: true });
});

test.each<[kind: string, text: string, line: number, message: string, remedy: string]>([
  [
    "a circle",
    `name: x
steps:
  a: ${SIMULATION}
  b:
    agent: simulation
    needs: [a, c]
    input: { model: sir }
  c:
    agent: simulation
    needs: b
    input: { model: sir }
`,
    6,
    "in a circle: b → c → b",
    "remove one of these needs",
  ],
  [
    "a fan-out over a text",
    "name: x\nsteps:\n  a:\n    agent: simulation\n    foreach: one and two\n    input: { model: sir }\n",
    5,
    'step "a": foreach is a text, not a list',
    "write a list, or one reference",
  ],
  [
    "an item where there is no fan-out",
    `name: x\nsteps:\n  a:\n    agent: simulation\n    input: { model: "\${{ item }}" }\n`,
    5,
    'step "a" looks up "item", which only the input of a fan-out has',
    "give the step a `foreach`",
  ],
  [
    "feedback to an unknown step",
    `name: x\nsteps:\n  a:\n    agent: simulation\n    input: { model: "\${{ feedback.b }}" }\n`,
    5,
    'step "a" looks up feedback to "b", which is not a step',
    "name a step of this flow",
  ],
  [
    "a step that needs itself",
    "name: x\nsteps:\n  a:\n    agent: simulation\n    needs: a\n    input: { model: sir }\n",
    5,
    "in a circle: a → a",
    "remove one",
  ],
  [
    "an unknown step",
    `name: x\nsteps:\n  b: ${SIMULATION}\n  a:\n    agent: simulation\n    needs: nowhere\n    input: { model: sir }\n`,
    6,
    'step "a" needs "nowhere", which is not a step of this flow',
    "use one of b",
  ],
  [
    "an unknown step in a flow of one",
    "name: x\nsteps:\n  a:\n    agent: simulation\n    needs: nowhere\n",
    5,
    'needs "nowhere"',
    "(no other step)",
  ],
  [
    "an unknown agent",
    "name: x\nsteps:\n  a:\n    agent: painter\n",
    4,
    "the agents are simulation, qna, viz, mcp",
    "aimie-console agent-init painter",
  ],
  [
    "a missing input",
    "name: x\nsteps:\n  a:\n    agent: qna\n    input:\n      simulation: 1\n",
    5,
    'lacks the input "question" of agent qna',
    "add `question:`",
  ],
  [
    "a missing input block",
    "name: x\nsteps:\n  a:\n    agent: simulation\n",
    3,
    'lacks the input "model"',
    "add `model:`",
  ],
  [
    "an unknown input",
    "name: x\nsteps:\n  a:\n    agent: simulation\n    input:\n      model: sir\n      colour: red\n",
    7,
    'agent simulation has no input "colour"',
    "use one of model, modelText, parameters",
  ],
  [
    "a bad reference",
    `name: x\nsteps:\n  a:\n    agent: simulation\n    input:\n      model: "\${{ rm -rf }}"\n`,
    6,
    '"rm -rf" is not a look-up',
    "correct the look-up",
  ],
  [
    "a reference that is not closed",
    `name: x\nparams: { m: { type: model } }\nsteps:\n  a:\n    agent: simulation\n    input:\n      model: "\${{ params.m"\n`,
    7,
    "is not a look-up",
    "correct the look-up",
  ],
  [
    "an unknown parameter",
    `name: x\nparams: { m: { type: model } }\nsteps:\n  a:\n    agent: simulation\n    input:\n      model: "\${{ params.model }}"\n`,
    7,
    'looks up the unknown parameter "model"',
    "declare it under params, or use one of m",
  ],
  [
    "a parameter in a flow without any",
    `name: x\nsteps:\n  a:\n    agent: simulation\n    input: { model: "\${{ params.constructor }}" }\n`,
    5,
    'the unknown parameter "constructor"',
    "declare it under params",
  ],
  [
    "a reference to a step that is not needed",
    `name: x\nsteps:\n  s: ${SIMULATION}\n  v:\n    agent: viz\n    input:\n      simulation: "\${{ steps.s.output }}"\n`,
    7,
    'looks up the output of "s" but does not need it',
    "add s to its needs",
  ],
  [
    "a reference to a step's inside",
    `name: x\nsteps:\n  s: ${SIMULATION}\n  v:\n    agent: viz\n    needs: s\n    input:\n      simulation: "\${{ steps.s.input }}"\n`,
    8,
    "a step offers only its output",
    "write steps.s.output",
  ],
  [
    "a reference inside a list",
    `name: x\nsteps:\n  v:\n    agent: viz\n    input:\n      simulation: 1\n      variables:\n        - "\${{ steps.x.output }}"\n`,
    7,
    'the output of "x"',
    "add x",
  ],
  [
    "broken YAML",
    "name: x\nsteps:\n  a: [1\n  b: 2\n",
    4,
    "not valid YAML",
    "mend the indentation",
  ],
  ["a key given twice", "name: x\nname: y\n", 2, "not valid YAML", "mend the indentation"],
  ["a list", "- a\n- b\n", 1, "not a map", "start with `name: my-flow`"],
  ["an empty file", "", 1, "not a map", "start with"],
  ["no step", "name: x\nsteps: {}\n", 2, "at least one step", "correct the value"],
  [
    "an unknown key",
    `name: x\ncolour: red\nsteps: { a: ${SIMULATION} }\n`,
    2,
    "colour",
    "remove or correct colour",
  ],
  ["a wrong type", "name: x\nsteps: 3\n", 2, "steps: ", "give a value of type record"],
  ["a bad name", `name: X Y\nsteps:\n  a: ${SIMULATION}\n`, 1, "lower case", "correct the value"],
  ["a bad step name", `name: x\nsteps:\n  A B: ${SIMULATION}\n`, 3, "steps.A B", "correct"],
  [
    "a bad name among the needs",
    "name: x\nsteps:\n  a:\n    agent: simulation\n    needs: [b, C D]\n",
    5,
    "lower case",
    "correct the value",
  ],
  ["a flow without steps", "name: x\n", 1, "steps: ", "give a value of type record"],
  [
    "a time nobody can read",
    "name: x\nsteps:\n  a:\n    agent: simulation\n    timeout: soon\n",
    5,
    "steps.a.timeout",
    "correct the value",
  ],
  [
    "a timeout of nothing",
    "name: x\nsteps:\n  a:\n    agent: simulation\n    timeout: 0s\n",
    5,
    "at least 1ms",
    "correct the value",
  ],
  [
    "a timeout of days",
    "name: x\nsteps:\n  a:\n    agent: simulation\n    timeout: 25h\n",
    5,
    "at most 24h",
    "correct the value",
  ],
  [
    "a delay of hours",
    "name: x\nsteps:\n  a:\n    agent: simulation\n    retry:\n      delay: 2h\n",
    6,
    "at most 1h",
    "correct the value",
  ],
  [
    "a default outside its limits",
    `name: x\nparams:\n  n:\n    type: number\n    max: 1\n    default: 2\nsteps:\n  a: ${SIMULATION}\n`,
    6,
    'the default of parameter "n" must be at most 1',
    "correct the default or the limits",
  ],
])("names %s with its line and its remedy", (_, text, line, message, remedy) => {
  const [first] = problemsOf(text);
  expect(first).toEqual({
    line,
    message: expect.stringContaining(message),
    remedy: expect.stringContaining(remedy),
  });
});

test("names every problem, not only the first", () => {
  const text = "name: x\nsteps:\n  a: { agent: qna }\n  b: { agent: viz, input: { x: 1 } }\n";
  expect(problemsOf(text).map((problem) => problem.line)).toEqual([3, 3, 4, 4]);
});

test("refuses a file that is too long", () => {
  expect(problemsOf(`# ${"x".repeat(100_000)}`)[0]?.message).toContain("longer than 100000");
});

test("refuses more steps than a flow may have", () => {
  const steps = Array.from({ length: 201 }, (_, n) => `  s${n}: ${SIMULATION}\n`).join("");
  expect(problemsOf(`name: x\nsteps:\n${steps}`)[0]?.message).toContain("at most 200 steps");
});

test("refuses a bomb of aliases within a second", () => {
  const levels = Array.from({ length: 20 }, (_, n) =>
    n === 0 ? "a0: &a0 [x, x]" : `a${n}: &a${n} [*a${n - 1}, *a${n - 1}, *a${n - 1}]`,
  );
  const begun = Date.now();
  expect(problemsOf(levels.join("\n"))[0]?.message).toBe("too many YAML aliases");
  expect(Date.now() - begun).toBeLessThan(1000);
});

test.each([
  ["an alias that holds itself", `name: x\nsteps: { a: { input: { model: &m [*m, *m] } } }`],
  ["deep nesting", `name: x\nsteps: ${"{ a: ".repeat(70)}1${" }".repeat(70)}`],
  ["very deep nesting", `name: x\nsteps: ${"[".repeat(30_000)}${"]".repeat(30_000)}`],
  ["a map as a key", "name: x\n? [a, b]\n: 1\n"],
  ["an alias to nowhere", "name: x\nsteps: *gone\n"],
])("refuses %s without throwing", (_, text) => {
  expect(problemsOf(text).length).toBeGreaterThan(0);
});

test("gives a flow that fits its own schema", () => {
  const parsed = parseFlow(`name: x
params: { constructor: { type: string, default: a } }
steps:
  constructor:
    agent: simulation
    input: { model: "\${{ params.constructor }}" }
    retry: { attempts: 20, delay: 0, factor: 10, maximum-delay: 1h }
`);
  if (!parsed.ok) throw new Error(parsed.error[0]?.message);
  expect(flowSchema.parse(parsed.value)).toEqual(parsed.value);
});

test("a step of agent mcp may name its tool beside the input", () => {
  const short = "a: { agent: mcp, tool: files__read, input: { path: x } }";
  const long = "a: { agent: mcp, input: { tool: files__read, arguments: { path: x } } }";
  const flowOf = (step: string) => parseFlow(`name: x\nsteps:\n  ${step}\n`);
  expect(flowOf(short)).toEqual(flowOf(long));
  expect(flowOf(short)).toMatchObject({
    ok: true,
    value: { steps: [{ input: { tool: "files__read", arguments: { path: "x" } } }] },
  });
  expect(problemsOf("name: x\nsteps:\n  a: { agent: mcp }\n")[0]?.message).toContain(
    'lacks the input "tool"',
  );
  const other = "name: x\nsteps:\n  a: { agent: qna, tool: files__read }\n";
  expect(problemsOf(other)[0]?.message).toContain("only a step of agent mcp names a tool");
});
