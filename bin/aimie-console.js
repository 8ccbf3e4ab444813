#!/usr/bin/env node
/*
 * Starts aimie-console. Plain JavaScript that any Node understands: it says what is missing before
 * the program itself, which needs a newer one, is read. In a checkout it builds what is not built.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import * as nodeModule from "node:module";
import { constants, userInfo } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const program = join(root, "dist", "cli.js");

/** The oldest Node the product runs on. */
const REQUIRED = [22, 18];

function isOldNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  return major < REQUIRED[0] || (major === REQUIRED[0] && minor < REQUIRED[1]);
}

/** The Node that comes with a checkout; published packages do not carry one. */
function bundledNode() {
  const path = join(root, "node_modules", "node", "bin", "node");
  return existsSync(path) ? path : undefined;
}

/** Compiled code is kept where the user keeps caches; undefined for a user without a home. */
function compileCacheFolder() {
  const base = process.env.XDG_CACHE_HOME ?? "";
  if (base.startsWith("/")) return join(base, "aimie-console", "compiled");
  try {
    const home = process.env.HOME || userInfo().homedir;
    return join(home, ".cache", "aimie-console", "compiled");
  } catch {
    return undefined; // A user that the system does not know, as in some containers.
  }
}

/** Makes a folder with those above it; false where that is not possible. */
function canBeMade(path) {
  if (existsSync(path)) return true;
  if (dirname(path) === path || !canBeMade(dirname(path))) return false;
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch {
    return existsSync(path);
  }
  return true;
}

function newest(path) {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return 0;
  if (!found.isDirectory()) return found.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}

/** A checkout is built when nothing of its source is younger than the bundle. */
function isBuilt() {
  if (!existsSync(program)) return false;
  const source = join(root, "src");
  if (!existsSync(source) || !existsSync(join(root, "node_modules", "esbuild"))) return true;
  const builtAt = statSync(program).mtimeMs;
  return [source, join(root, "scripts"), join(root, "package.json")].every(
    (path) => newest(path) <= builtAt,
  );
}

/**
 * Lets another Node do it, as if it were this one: signals go to it, its end is ours. The channel
 * between the two is closed by the system when we are killed, and it ends then too.
 */
function handOver(node) {
  const stdio = ["inherit", "inherit", "inherit", "ipc"];
  const child = spawn(node, process.argv.slice(1), { stdio });
  // A terminal sends ctrl-c to both; the child decides what it means.
  process.on("SIGINT", () => undefined);
  for (const name of ["SIGTERM", "SIGHUP"]) process.on(name, () => child.kill(name));
  child.on("error", (cause) => {
    process.stderr.write(`cannot start ${node}: ${cause.message}\n`);
    process.exit(70);
  });
  child.on("exit", (code, signal) => {
    process.exit(code ?? 128 + (constants.signals[signal] ?? 0));
  });
}

/** How long an orderly end may take once the one who started us is gone, milliseconds. */
const END_WITHIN_MS = 5000;

/** Ends as when the terminal is closed, when the process that handed over to us was killed. */
function endWithStarter() {
  process.on("disconnect", () => {
    setTimeout(() => process.exit(128 + constants.signals.SIGHUP), END_WITHIN_MS).unref();
    process.kill(process.pid, "SIGHUP");
  });
  process.channel.unref();
}

function build() {
  const script = join(root, "scripts", "build.mjs");
  const done = spawnSync(process.execPath, [script], { stdio: ["ignore", 2, 2] });
  return done.status === 0;
}

if (isOldNode()) {
  const node = bundledNode();
  if (node === undefined) {
    process.stderr.write(
      `aimie-console needs Node ${REQUIRED.join(".")} or newer; this is ${process.versions.node}. ` +
        "Install a newer one from https://nodejs.org or your package manager.\n",
    );
    process.exit(2);
  }
  handOver(node);
} else if (!isBuilt() && !build()) {
  process.stderr.write("aimie-console could not be built; run npm install, then npm run build\n");
  process.exit(70);
} else {
  if (process.channel !== undefined) endWithStarter();
  const cache = compileCacheFolder();
  // Node itself would try for ever to make a folder where none can be made, as below /proc.
  if (cache !== undefined && canBeMade(cache)) nodeModule.enableCompileCache(cache);
  await import(pathToFileURL(program).href);
}
