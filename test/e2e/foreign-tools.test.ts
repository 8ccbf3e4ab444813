import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { qnaOutputSchema } from "../../src/protocol/agent-data.ts";
import { startFakeEndpoint } from "../support/fake-model-endpoint.ts";
import type { Broker, Place } from "../support/product.ts";
import { BROKERS, newPlace, runProduct } from "../support/product.ts";

const PROGRAM = resolve("test/fixtures/programs/foreign-tools.ts");
const TOKEN = "token-0123456789";

const FLOW = `name: sums
steps:
  first: { agent: mcp, tool: calc__add, input: { left: 1, right: 2 } }
  second:
    agent: mcp
    needs: first
    tool: calc__add
    input: { left: "\${{ steps.first.output.structured.sum }}", right: 39 }
`;

const stdio = { command: process.execPath, args: [PROGRAM], env: { TOKEN: `\${MY_TOKEN:-none}` } };

function placeWith(servers: object, broker?: Broker): Place {
  const place = newPlace(broker);
  writeServers(place, servers);
  writeFileSync(join(place.work, "sums.yaml"), FLOW);
  return place;
}

function mcpFile({ folder }: Place): string {
  return join(folder, "f", "aimie-console", "mcp.json");
}

function writeServers(place: Place, servers: object): void {
  mkdirSync(join(place.folder, "f", "aimie-console"), { recursive: true });
  writeFileSync(mcpFile(place), JSON.stringify({ mcpServers: servers }));
  chmodSync(mcpFile(place), 0o600);
}

function flowOf(place: Place, steps: string): string {
  writeFileSync(join(place.work, "one.yaml"), `name: one\nsteps:\n${steps}`);
  return "one.yaml";
}

const runSchema = z.object({
  steps: z.array(
    z.object({ step: z.string(), status: z.string(), output: z.unknown(), failure: z.unknown() }),
  ),
});

async function run(place: Place, flow: string, env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await runProduct(place, ["run", flow, "--output", "json"], {
    env,
  });
  const parsed = runSchema.safeParse(JSON.parse(stdout === "" ? "null" : stdout));
  return { code, stderr, stdout, steps: parsed.data?.steps ?? [] };
}

async function trust(place: Place, name: string, env: Record<string, string> = {}) {
  const trusted = await runProduct(place, ["trust", "--mcp", name], { env });
  expect(trusted.code, trusted.stderr).toBe(0);
  return trusted.stdout;
}

async function startHttpServer(): Promise<string> {
  const child = spawn(process.execPath, [PROGRAM, "http"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return await new Promise((done) => {
    child.stdout.once("data", (chunk: Buffer) => done(String(chunk).trim()));
  });
}

describe.each(BROKERS)("on the %s broker", (broker) => {
  test("tools of foreign servers are steps, over stdio and over HTTP", async () => {
    const url = await startHttpServer();
    const far = { url, headers: { "x-token": `\${MY_TOKEN}` } };
    const place = placeWith(
      { calc: stdio, far, broken: { command: "/nowhere/to-be-found" } },
      broker,
    );
    const env = { MY_TOKEN: "let-me-in" };
    for (const name of ["calc", "far", "broken"]) await trust(place, name, env);
    const sums = await run(place, "sums.yaml", env);
    expect(sums).toMatchObject({
      code: 0,
      steps: [
        { step: "first", output: { tool: "calc__add", text: "It is 3.", structured: { sum: 3 } } },
        { step: "second", output: { structured: { sum: 42 }, isCut: false } },
      ],
    });
    const mixed = flowOf(
      place,
      "  far: { agent: mcp, tool: far__add, input: { left: 20, right: 22 } }\n" +
        "  gone: { agent: mcp, tool: broken__add, retry: { attempts: 1 } }\n",
    );
    expect(await run(place, mixed, env)).toMatchObject({
      code: 1,
      steps: [
        { step: "far", status: "succeeded", output: { structured: { sum: 42 } } },
        {
          step: "gone",
          status: "failed",
          failure: { kind: "tool", message: expect.stringMatching(/ENOENT/u) },
        },
      ],
    });
  });
});

test("a server is not started before it is trusted, nor after it has changed", async () => {
  const place = placeWith({ calc: stdio });
  const refused = await run(place, "sums.yaml");
  expect(refused).toMatchObject({ code: 2, stdout: "" });
  expect(refused.stderr).toContain("aimie-console trust --mcp calc");
  expect(refused.stderr).toContain(PROGRAM);
  expect(await trust(place, "calc")).toContain(`runs: ${process.execPath} ${PROGRAM}`);
  expect((await run(place, "sums.yaml")).code).toBe(0);
  writeServers(place, { calc: { ...stdio, args: [PROGRAM, "--more"] } });
  expect(await run(place, "sums.yaml")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("you have not trusted yet"),
  });
});

test("what a tool gives is bounded and cannot write to a terminal; a dying server ends its call", async () => {
  const place = placeWith({ calc: stdio });
  const env = { MY_TOKEN: TOKEN, OUTER: "not for servers" };
  await trust(place, "calc", env);
  const flow = flowOf(
    place,
    "  loud: { agent: mcp, tool: calc__shout }\n" +
      "  secret: { agent: mcp, tool: calc__secret }\n" +
      "  wrong: { agent: mcp, tool: calc__add, input: { left: one } }\n" +
      "  unknown: { agent: mcp, tool: calc__divide }\n" +
      "  nobody: { agent: mcp, tool: other__add }\n",
  );
  const { steps, stdout } = await run(place, flow, env);
  const by = Object.fromEntries(steps.map((one) => [one.step, one]));
  expect(by["loud"]).toMatchObject({ status: "succeeded", output: { isCut: true } });
  expect(stdout).not.toMatch(/\\u001b|\\u0007/);
  expect(by["secret"]?.output).toMatchObject({ text: `token ${TOKEN}, undefined` });
  expect(by["wrong"]?.failure).toMatchObject({
    kind: "invalid-input",
    message: expect.stringMatching(/left|right/u),
  });
  expect(by["unknown"]?.failure).toMatchObject({
    message: expect.stringMatching(/its server has add, shout/u),
  });
  expect(by["nobody"]?.failure).toMatchObject({
    message: expect.stringMatching(/the servers are: calc/u),
  });
  const dying = flowOf(place, "  die: { agent: mcp, tool: calc__die, retry: { attempts: 1 } }\n");
  expect((await run(place, dying, env)).steps[0]).toMatchObject({ failure: { kind: "tool" } });
  const log = readFileSync(join(place.state, "aimie-console.log"), "utf8");
  expect(log).not.toContain(TOKEN);
});

test("a language model is offered those tools that only read", async () => {
  const endpoint = await startFakeEndpoint(({ said, results }) =>
    said === null
      ? { text: `It is ${/"sum":(\d+)/.exec(results[0] ?? "")?.[1]}.` }
      : { calls: [{ name: "calc__add", arguments: { left: 20, right: 22 } }] },
  );
  const place = placeWith({ calc: stdio, broken: { command: "/nowhere/to-be-found" } });
  for (const name of ["calc", "broken"]) await trust(place, name);
  const env = { AIMIE_LLM_MODEL: "fake", AIMIE_LLM_URL: endpoint.url };
  const { steps } = await run(place, "simulation-qna-viz", env);
  const output = qnaOutputSchema.parse(steps.find(({ step }) => step === "qna")?.output);
  expect(output).toMatchObject({ answer: "It is 42.", model: { grounded: true } });
  const tools = endpoint.requests[0]?.tools ?? [];
  expect(tools.filter((name) => name.startsWith("calc__"))).toEqual(["calc__add"]);
});

test("mcp lists servers and their tools", async () => {
  const place = placeWith({
    calc: stdio,
    lacking: { command: `\${NOT_SET_ANYWHERE}` },
    neither: { foo: 1 },
    off: { command: "x", disabled: true },
  });
  const list = async () => (await runProduct(place, ["mcp"])).stdout;
  expect(await list()).toMatch(/^calc +not-trusted +/);
  expect(await list()).toMatch(/lacking +refused +the variable NOT_SET_ANYWHERE is not set/);
  expect(await list()).toMatch(/neither +refused +it has neither command nor url/);
  expect(await list()).not.toContain("off ");
  expect((await runProduct(place, ["mcp", "tools", "calc"])).code).toBe(2);
  await trust(place, "calc");
  expect(await list()).toMatch(/^calc +trusted +/);
  const tools = await runProduct(place, ["mcp", "tools", "calc"]);
  expect(tools.stdout).toMatch(/^calc__add +reads only +Adds two numbers\.$/m);
  expect(tools.stdout).toMatch(/^calc__die +may write +Ends the server\.$/m);
});

test.each([
  ["that others may write", (path: string) => chmodSync(path, 0o666), /others may write/],
  ["that is no JSON", (path: string) => writeFileSync(path, "{"), /cannot read/],
  ["of another form", (path: string) => writeFileSync(path, "[]"), /mcp\.json: /],
])("a file %s is refused", async (_, damage, says) => {
  const place = placeWith({ calc: stdio });
  damage(mcpFile(place));
  const { code, stderr } = await runProduct(place, ["mcp"]);
  expect(code).toBe(2);
  expect(stderr).toMatch(says);
});

test("a folder's .env cannot bring its own servers", async () => {
  const place = placeWith({});
  const folder = join(place.work, "own", "aimie-console");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "mcp.json"), JSON.stringify({ mcpServers: { calc: stdio } }));
  writeFileSync(join(place.work, ".env"), `XDG_CONFIG_HOME=${join(place.work, "own")}\n`);
  const bare = { ...place, env: { ...place.env } };
  Reflect.deleteProperty(bare.env, "XDG_CONFIG_HOME");
  const { code, stderr } = await runProduct(bare, ["mcp"]);
  expect(code).toBe(2);
  expect(stderr).toContain("comes from .env");
  expect(readdirSync(folder)).toEqual(["mcp.json"]);
});
