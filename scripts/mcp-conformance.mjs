/**
 * Runs the public conformance suite of MCP against our tool servers, as far as it applies, and lists
 * and calls their tools with the public inspector. The suite speaks HTTP: a relay passes each message on
 * to a server's standard streams and back, unchanged. Needs the built programs, and npm's registry for
 * the two packages. Exit code 1 when something does not hold.
 */
import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { text as readText } from "node:stream/consumers";

const SUITE = "@modelcontextprotocol/conformance@0.1.16";
const INSPECTOR = "@modelcontextprotocol/inspector@2.12.0";
/** The others want tools, resources or prompts of fixed names, or HTTP of the server's own. */
const SCENARIOS = ["server-initialize", "ping", "tools-list"];

const folder = mkdtempSync(join(tmpdir(), "conformance-"));
const CONFIGS = {
  simulation: { artifactFolder: folder, modelFolders: [resolve("models")] },
  qna: { artifactFolder: folder },
  viz: { artifactFolder: folder },
};
const CALL = ["--tool-name", "run_simulation", "--tool-arg", "model=sir"];

const programOf = (server) => [
  process.execPath,
  resolve(`dist/${server}-tools.js`),
  JSON.stringify(CONFIGS[server]),
];

/** Starts a relay to a fresh process of a server for each conversation. */
function startRelay(server) {
  let child;
  const waiting = new Map();
  const begin = () => {
    child?.kill();
    const [program, ...words] = programOf(server);
    child = spawn(program, words, { stdio: ["pipe", "pipe", "inherit"] });
    createInterface({ input: child.stdout }).on("line", (line) => {
      const { id } = JSON.parse(line);
      waiting.get(id)?.(line);
      waiting.delete(id);
    });
  };
  const relay = createServer(async (request, response) => {
    if (request.method !== "POST") {
      response.writeHead(405).end();
      return;
    }
    const text = await readText(request);
    const message = JSON.parse(text);
    if (message.method === "initialize") begin();
    const isAsked = message.id !== undefined && message.method !== undefined;
    const answer = isAsked ? new Promise((done) => waiting.set(message.id, done)) : undefined;
    child.stdin.write(`${JSON.stringify(message)}\n`);
    if (answer === undefined) response.writeHead(202).end();
    else response.writeHead(200, { "content-type": "application/json" }).end(await answer);
  });
  return new Promise((ready) => {
    relay.listen(0, "127.0.0.1", () =>
      ready({
        url: `http://127.0.0.1:${relay.address().port}/mcp`,
        close() {
          child?.kill();
          relay.close();
          relay.closeAllConnections();
        },
      }),
    );
  });
}

/** Runs a package's program in an empty folder; what it prints and how it ended. */
async function run(name, ...words) {
  const child = spawn("npx", ["-y", name, ...words], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise((done) => child.once("close", done));
  const [out, err] = await Promise.all([readText(child.stdout), readText(child.stderr)]);
  return { code: await ended, out, err };
}

let failed = 0;
function report(what, holds, said) {
  process.stdout.write(`${holds ? "✓" : "✗"} ${what}\n`);
  if (holds) return;
  failed += 1;
  process.stdout.write(`${said}\n`);
}

for (const server of Object.keys(CONFIGS)) {
  const relay = await startRelay(server);
  for (const scenario of SCENARIOS) {
    const { code, out, err } = await run(
      SUITE,
      "server",
      "--url",
      relay.url,
      "--scenario",
      scenario,
    );
    const passed = /Passed: (\d+)\/\1\b/.exec(out);
    const holds = code === 0 && passed !== null && passed[1] !== "0";
    report(`${server}: ${scenario}, ${passed?.[1] ?? 0} checks`, holds, out + err);
  }
  relay.close();
  const listed = await run(INSPECTOR, "--cli", ...programOf(server), "--method", "tools/list");
  const names = listed.code === 0 ? JSON.parse(listed.out).tools.map(({ name }) => name) : [];
  report(`${server}: the inspector lists ${names.join(", ")}`, names.length > 0, listed.err);
}
const called = await run(
  INSPECTOR,
  "--cli",
  ...programOf("simulation"),
  "--method",
  "tools/call",
  ...CALL,
);
const holds = called.code === 0 && JSON.parse(called.out).structuredContent?.data?.rows > 1;
report("simulation: the inspector calls run_simulation", holds, called.out + called.err);
process.exit(failed === 0 ? 0 : 1);
