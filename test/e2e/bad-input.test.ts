import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import type { Place } from "../support/product.ts";
import { newPlace, runProduct, untilNothingRuns } from "../support/product.ts";
import { freePort } from "../support/redis-server.ts";

/** Something a user may get wrong, and what the product says to it. */
interface Mistake {
  readonly name: string;
  readonly args: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
  readonly code: number;
  readonly says: RegExp;
}

const CYCLE = `name: cycle
steps:
  one: { agent: simulation, needs: two, input: { model: sir } }
  two: { agent: simulation, needs: one, input: { model: sir } }
`;

const BROKEN_YAML = `name: broken
steps:
  one: { agent: simulation
  two: ]
`;

const LIMITS = `name: limits
params:
  level: { type: integer, default: 3, min: 1, max: 5 }
steps:
  one: { agent: simulation, input: { model: sir } }
`;

const LOOP = `<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">
<header><vendor>test</vendor><product version="1.0">test</product><name>Loop</name></header>
<sim_specs><start>0</start><stop>10</stop><dt>1</dt></sim_specs>
<model><variables>
<aux name="price"><eqn>demand * 2</eqn></aux>
<aux name="demand"><eqn>100 - price</eqn></aux>
</variables></model></xmile>`;

const MISTAKES: readonly Mistake[] = [
  {
    name: "a mistyped parameter",
    args: ["run", "--set", "modell=sir"],
    code: 2,
    says: /no parameter "modell".*did you mean model\?/,
  },
  {
    name: "a parameter without a value",
    args: ["run", "--set", "model"],
    code: 2,
    says: /not NAME=VALUE/,
  },
  {
    name: "a value of the wrong type",
    args: ["run", "--set", "parameters.contact_rate=many"],
    code: 2,
    says: /contact_rate.*must look like name=1.5.*many/,
  },
  {
    name: "a value out of its range",
    args: ["run", "limits.yaml", "--set", "level=9"],
    files: { "limits.yaml": LIMITS },
    code: 2,
    says: /level.*must be at most 5/,
  },
  {
    name: "an unknown flow",
    args: ["run", "simulation-qna-vis"],
    code: 2,
    says: /no flow.*did you mean simulation-qna-viz\?/,
  },
  {
    name: "a flow file that is not there",
    args: ["run", "absent.yaml"],
    code: 2,
    says: /absent\.yaml/,
  },
  {
    name: "a broken flow file, with its line",
    args: ["run", "broken.yaml"],
    files: { "broken.yaml": BROKEN_YAML },
    code: 2,
    says: /broken\.yaml:[34]: not valid YAML/,
  },
  {
    name: "a flow that needs itself",
    args: ["run", "cycle.yaml"],
    files: { "cycle.yaml": CYCLE },
    code: 2,
    says: /cycle\.yaml:\d+: .*(one.*two|two.*one)/,
  },
  {
    name: "a mistyped constant of the model",
    args: ["run", "--set", "parameters.contact_rat=8"],
    code: 2,
    says: /no parameter `contact_rat`\. Did you mean contact_rate\?.*Its parameters are population/s,
  },
  {
    name: "an unknown model",
    args: ["run", "--set", "model=sirr"],
    code: 2,
    says: /no model "sirr"; the models are .*sir/,
  },
  {
    name: "a broken model file, with its line",
    args: ["run", "--set", "model=./broken.xmile"],
    files: { "broken.xmile": "<xmile>\n<model>\n</xmile>" },
    code: 2,
    says: /model \.\/broken\.xmile: .*\(line \d+\)/,
  },
  {
    name: "a model that is a loop without a stock, naming the loop",
    args: ["run", "--set", "model=./loop.xmile"],
    files: { "loop.xmile": LOOP },
    code: 2,
    says: /(price.*demand.*price|demand.*price.*demand)/,
  },
  { name: "a mistyped command", args: ["rn"], code: 2, says: /unknown command rn.*mean run\?/ },
  {
    name: "a mistyped flag",
    args: ["run", "--quetsion", "why?"],
    code: 2,
    says: /unknown flag --quetsion.*mean --question\?/,
  },
  { name: "a flag's unknown choice", args: ["run", "--agents", "some"], code: 2, says: /--agents/ },
  {
    name: "a timeout that is no number",
    args: ["run", "--timeout", "soon"],
    code: 2,
    says: /--timeout is a number of seconds/,
  },
  {
    name: "a namespace that cannot be part of a name",
    args: ["run", "--namespace", "a b"],
    code: 2,
    says: /namespace "a b"/,
  },
  { name: "an unknown run", args: ["show", "nowhere"], code: 2, says: /no run nowhere/ },
  {
    name: "the last run where there is none",
    args: ["show", "@latest"],
    code: 2,
    says: /no run yet.*aimie-console run starts one/,
  },
  { name: "no run at all", args: ["show"], code: 2, says: /show needs RUN/ },
  {
    name: "a malformed address",
    args: ["run", "--redis", "http://127.0.0.1:6379"],
    code: 2,
    says: /not an address of Redis.*redis:\/\//,
  },
];

function writeFiles(place: Place, files: Mistake["files"] = {}): void {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(place.work, name), text);
}

test.each(MISTAKES)("refuses $name in words", async ({ args, files, code, says }) => {
  const place = newPlace();
  writeFiles(place, files);
  const ended = await runProduct(place, args);
  expect(ended.code).toBe(code);
  expect(ended.stderr).toMatch(/^aimie-console: .+ — .+\n$/);
  expect(ended.stderr).toMatch(says);
  expect(ended.stdout).toBe("");
  await untilNothingRuns(place);
});

const problem = z.strictObject({
  code: z.literal("usage"),
  message: z.string().min(1),
  nextStep: z.string().min(1),
});

test.each(MISTAKES)("refuses $name in one line of JSON", async ({ args, files, code, says }) => {
  const place = newPlace();
  writeFiles(place, files);
  const ended = await runProduct(place, [...args, "--output", "json"]);
  expect(ended).toMatchObject({ code, stdout: "" });
  expect(ended.stderr.trimEnd().split("\n")).toHaveLength(1);
  const { message, nextStep } = problem.parse(JSON.parse(ended.stderr));
  expect(`${message} — ${nextStep}`).toMatch(says);
});

test("names an output form that it does not know", async () => {
  const { code, stderr } = await runProduct(newPlace(), ["run", "--output", "xml"]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/--output is text, json or jsonl/);
});

test("says what was tried when Redis cannot be reached, and keeps the password to itself", async () => {
  const place = newPlace();
  const url = `redis://me:s3cret@127.0.0.1:${await freePort()}`;
  const { code, stdout, stderr } = await runProduct(place, ["run", "--redis", url]);
  expect(code).toBe(3);
  expect(stdout).toBe("");
  expect(stderr).toMatch(
    /no answer from Redis at redis:\/\/\*\*\*@127\.0\.0\.1:\d+: .*ECONNREFUSED/,
  );
  expect(stderr).not.toContain("s3cret");
  await untilNothingRuns(place);
});

test.runIf(process.platform === "linux")(
  "ends at once where no folder can be made, and does without a cache there",
  async () => {
    const args = ["run", "--output", "json"];
    const refused = await runProduct(newPlace(), args, { env: { XDG_STATE_HOME: "/proc/no" } });
    expect(refused.code).toBe(2);
    expect(problem.parse(JSON.parse(refused.stderr)).nextStep).toContain("XDG_STATE_HOME");
    const place = newPlace();
    const done = await runProduct(place, args, { env: { XDG_CACHE_HOME: "/proc/no" } });
    expect(done).toMatchObject({ code: 0, stderr: "" });
    await untilNothingRuns(place);
  },
);

test("refuses a state folder that cannot be made", async () => {
  const place = newPlace();
  writeFileSync(join(place.folder, "file"), "");
  const env = { XDG_STATE_HOME: join(place.folder, "file") };
  const { code, stderr } = await runProduct(place, ["run", "--output", "json"], { env });
  expect(code).toBe(2);
  const { message, nextStep } = problem.parse(JSON.parse(stderr));
  expect(message).toContain(join(place.folder, "file"));
  expect(nextStep).toContain("XDG_STATE_HOME");
});
