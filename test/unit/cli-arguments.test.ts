import { describe, expect, test } from "vitest";
import { readArguments } from "../../src/cli/arguments.ts";
import { COMMON_FLAGS, flagsOf } from "../../src/cli/flag.ts";
import { overviewHelp, verbHelp } from "../../src/cli/help.ts";
import { readParameters } from "../../src/cli/run-command.ts";
import { closestTo } from "../../src/cli/suggest.ts";
import { usageOf } from "../../src/cli/verb.ts";
import { VERBS } from "../../src/cli/verbs/table.ts";
import { flowOf, flowText } from "../support/run-history.ts";

/** What a call throws. */
function problemOf(call: () => unknown): unknown {
  try {
    call();
  } catch (thrown) {
    return thrown;
  }
  throw new Error("it was accepted");
}

describe("the command line", () => {
  test("may be empty", () => {
    expect(readArguments([], VERBS)).toMatchObject({
      verb: undefined,
      operands: [],
      flags: { set: [], output: "text", help: false, version: false },
    });
  });

  test("has a verb, what it is about, and flags anywhere", () => {
    const line = readArguments(
      "--namespace team run my.yaml --set a=1 --set b=2 --output=json --timeout 1.5".split(" "),
      VERBS,
    );

    expect(line).toMatchObject({
      verb: { name: "run" },
      operands: ["my.yaml"],
      flags: { namespace: "team", set: ["a=1", "b=2"], output: "json", timeout: 1.5 },
    });
  });

  test("may name a flag that begins with no", () => {
    const { flags, operands } = readArguments(["run", "--no-cache", "--", "--no-b"], VERBS);
    expect({ flags, operands }).toMatchObject({
      flags: { noCache: true },
      operands: ["--no-b"],
    });
    expect(readArguments(["run"], VERBS).flags).toMatchObject({ noCache: false });
  });

  test.each([
    ["-h", { help: true }],
    ["-v", { version: true }],
  ])("knows %s", (flag, flags) => {
    expect(readArguments([flag], VERBS).flags).toMatchObject(flags);
  });

  test.each([
    [["rnu"], "unknown command rnu", "did you mean run?"],
    [["sesions"], "unknown command sesions", "did you mean sessions?"],
    [["fly-to-the-moon"], "unknown command fly-to-the-moon", "see aimie-console --help"],
    [["flows", "validat"], "unknown command flows validat", "did you mean flows validate?"],
    [["config", "x"], 'config takes no "x"', "use aimie-console config"],
    [["flows", "validate"], "flows validate needs FILE", "use aimie-console flows validate FILE"],
    [["run", "--no-cash"], "unknown flag --no-cash", "did you mean --no-cache?"],
    [["show"], "show needs RUN", "use aimie-console show RUN"],
    [["show", "a", "b"], 'show takes no "b"', "use aimie-console show RUN"],
    [
      ["show", "a", "--set", "b=c"],
      "--set is not a flag of aimie-console show",
      "see aimie-console show --help",
    ],
    [["--outputt", "json"], "unknown flag --outputt", "did you mean --output?"],
    [["run", "--questoin=x"], "unknown flag --questoin", "did you mean --question?"],
    [["--output", "xml"], "--output is text, json or jsonl", "see aimie-console --help"],
    [["--broker", "kafka"], "--broker is auto, redis or embedded", "see aimie-console --help"],
    [["--agents", "all"], "--agents is auto, own or none", "see aimie-console --help"],
    [["--timeout", "soon"], "--timeout is a number of seconds", "see aimie-console --help"],
    [["--timeout", "-1"], "--timeout must be more than 0 seconds", "see aimie-console --help"],
    [["--output", "json", "--output", "text"], "--output", "see aimie-console --help"],
  ])("%j is refused with a next step", (argv, message, nextStep) => {
    expect(problemOf(() => readArguments(argv, VERBS))).toMatchObject({
      name: "OperatorError",
      code: "usage",
      message: expect.stringContaining(message),
      nextStep,
    });
  });
});

describe("the table of verbs", () => {
  test("has each name once", () => {
    const names = VERBS.map((verb) => verb.name);
    expect(new Set(names).size).toBe(names.length);
  });

  test("means one kind of value by a flag's name, and does not redefine a common flag", () => {
    const kinds = new Map(flagsOf(COMMON_FLAGS).map(({ name }) => [name, "common"]));
    for (const { name, kind } of VERBS.flatMap((verb) => verb.flags)) {
      expect([name, kinds.get(name) ?? kind]).toEqual([name, kind]);
      kinds.set(name, kind);
    }
  });

  test("is listed whole in the help, within 100 columns", () => {
    const help = overviewHelp(VERBS);
    const lines = help.split("\n").map((line) => line.trim());
    for (const verb of VERBS) {
      const usage = usageOf(verb);
      expect(lines.some((line) => line === usage || line.startsWith(`${usage} `))).toBe(true);
    }
    expect(help.split("\n").filter((line) => line.length > 100)).toEqual([]);
  });

  test.each(VERBS.map((verb) => [usageOf(verb), verb] as const))(
    "%s --help shows its flags and examples that are its own",
    (_, verb) => {
      const help = verbHelp(verb);
      for (const { placeholder = "", says } of verb.flags) {
        expect(help).toContain(placeholder);
        expect(help).toContain(says);
      }
      for (const { line } of verb.examples) expect(line).toContain(`aimie-console ${verb.name}`);
      expect(help.split("\n").filter((line) => line.length > 100)).toEqual([]);
    },
  );
});

test.each([
  ["rnu", ["run", "show"], "run"],
  ["modle", ["model", "question"], "model"],
  ["x", ["run", "show"], undefined],
  ["run", [], undefined],
  ["", ["run"], undefined],
])("the word nearest to %j of %j is %j", (word, known, closest) => {
  expect(closestTo(word, known)).toBe(closest);
});

describe("parameters", () => {
  const flow = flowOf(flowText("simulation-qna-viz"));

  test("are read by their types; --question is one of them", () => {
    expect(readParameters(flow, ["model=supply-chain"], "Why = so?")).toEqual({
      model: "supply-chain",
      question: "Why = so?",
    });
  });

  test("may be dotted: numbers by name come together", () => {
    const assignments = ["parameters.contact_rate=8", "parameters=a=1,b=2", "parameters.b=-3e1"];

    expect(readParameters(flow, assignments, undefined)).toEqual({
      parameters: { contact_rate: 8, a: 1, b: -30 },
    });
  });

  test("are left out where nothing is said: the flow has its defaults", () => {
    expect(readParameters(flow, [], undefined)).toEqual({});
  });

  test.each([
    ["model", "--set model is not NAME=VALUE", "write --set name=value"],
    ["=x", "--set =x is not NAME=VALUE", "write --set name=value"],
    ["modle=sir", 'simulation-qna-viz has no parameter "modle"', "did you mean model?"],
    ["x=1", 'simulation-qna-viz has no parameter "x"', "it has model, parameters, question"],
    ["toString=1", 'simulation-qna-viz has no parameter "toString"', "it has"],
    ["__proto__.x=1", 'simulation-qna-viz has no parameter "__proto__"', "it has"],
    ["parameters.r=much", 'parameter "parameters.r" must look like', "correct the value"],
    ["parameters=8", 'parameter "parameters" must look like', "correct the value"],
    ["model=", 'parameter "model" must not be empty', "see aimie-console flows"],
  ])("--set %s is refused with a next step", (assignment, message, nextStep) => {
    expect(problemOf(() => readParameters(flow, [assignment], undefined))).toMatchObject({
      code: "usage",
      message: expect.stringContaining(message),
      nextStep: expect.stringContaining(nextStep),
    });
  });
});
