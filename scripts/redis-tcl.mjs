/**
 * Runs Redis' own Tcl suites against the embedded broker: `REDIS_SRC=<folder> npm run
 * conformance:redis`, with the source of Redis 7.0 unpacked there and `tclsh` 8.5 or newer on PATH.
 * Prints what passed; exits with 1 when a test fails that is not on the skip list.
 */
import { spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "../src/base/clock.ts";
import { startEmbeddedBroker } from "../src/bus/embedded/server.ts";

const SUITES = ["unit/type/stream", "unit/type/stream-cgroups", "unit/pubsub"];
const SKIP_LIST = join(dirname(fileURLToPath(import.meta.url)), "redis-tcl-skip.txt");
/** A suite that takes longer hangs. */
const DEADLINE_MS = Number(process.env.DEADLINE_MS ?? 240_000);

/** The names of tests to leave out; lines that begin with # say why. */
function skippedTests() {
  return readFileSync(SKIP_LIST, "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
}

/** The suites speak TCP only, the broker a unix socket only. */
function bridge(path) {
  const server = createServer((client) => {
    const broker = connect(path);
    const end = () => {
      client.destroy();
      broker.destroy();
    };
    for (const side of [client, broker]) side.on("error", end).on("close", end);
    client.pipe(broker).pipe(client);
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

/** Runs one suite; resolves with the names of its tests by how they ended. */
async function runSuite(folder, suite, port, skipFile) {
  const words = ["--host", "127.0.0.1", "--port", String(port), "--singledb", "--durable"];
  const options = ["--ignore-encoding", "--ignore-digest", "--skipfile", skipFile];
  const child = spawn("tclsh", ["tests/test_helper.tcl", ...words, ...options, "--single", suite], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own: the suite starts a second process, which has to end with it.
    detached: true,
  });
  const deadline = setTimeout(() => process.kill(-child.pid, "SIGKILL"), DEADLINE_MS);
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk) => {
      text += chunk;
      if (process.env.VERBOSE) process.stdout.write(chunk);
    });
  }
  const code = await new Promise((resolve) => child.once("close", resolve));
  clearTimeout(deadline);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the suites colour their output.
  const plain = text.replace(/\u001b\[[\d;]*m/g, "");
  const named = (word) =>
    [...plain.matchAll(new RegExp(`^\\[${word}\\]: (.*?)(?: \\(\\d+ ms\\))?$`, "gm"))].map(
      ([, name]) => name,
    );
  const failures = plain.slice(plain.indexOf("!!! WARNING"));
  return { code, passed: named("ok"), failed: named("err"), skipped: named("skip"), failures };
}

async function main() {
  const source = process.env.REDIS_SRC;
  if (source === undefined || !existsSync(join(source, "tests", "test_helper.tcl"))) {
    process.stderr.write(
      "REDIS_SRC must name a folder with the unpacked source of Redis 7.0 " +
        "(on Debian: apt-get source redis).\n",
    );
    return 2;
  }
  if (spawnSync("tclsh", { input: "exit" }).error !== undefined) {
    process.stderr.write("tclsh is not on PATH: install tcl.\n");
    return 2;
  }
  const folder = mkdtempSync(join(tmpdir(), "redis-tcl-"));
  cpSync(join(source, "tests"), join(folder, "tests"), { recursive: true });
  const skipFile = join(folder, "skip.txt");
  writeFileSync(skipFile, skippedTests().join("\n"));
  const socketPath = join(folder, "broker.sock");
  const broker = await startEmbeddedBroker({
    socketPath,
    scripts: [],
    clock: systemClock,
    log: {
      path: join(folder, "broker.aof"),
      fsync: "everysec",
      say: (message) => process.stderr.write(`${message}\n`),
    },
    onBug: (error) => process.stderr.write(`bug: ${error.stack}\n`),
  });
  const server = await bridge(socketPath);
  let failed = 0;
  try {
    for (const suite of SUITES) {
      const result = await runSuite(folder, suite, server.address().port, skipFile);
      const { passed, skipped } = result;
      failed += result.failed.length + (result.code === 0 ? 0 : 1);
      process.stdout.write(
        `${suite}: ${passed.length} passed, ${result.failed.length} failed, ` +
          `${skipped.length} skipped${result.code === 0 ? "" : `, ended with ${result.code}`}\n`,
      );
      if (result.code !== 0) process.stdout.write(`${result.failures}\n`);
    }
  } finally {
    server.close();
    await broker.close();
    rmSync(folder, { recursive: true, force: true });
  }
  return failed > 0 ? 1 : 0;
}

process.exit(await main());
