/** Bundles every program of the product into dist/, so that starting one reads few files. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import ts from "typescript";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const out = join(root, "dist");
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** Programs by the name of their bundle. */
const programs = {
  cli: "src/cli/main.ts",
  broker: "src/bus/broker-main.ts",
  "lease-keeper-thread": "src/bus/lease-keeper-thread.ts",
  "ensemble-thread": "src/engines/ensemble/ensemble-thread.ts",
  "draw-program": "src/engines/chart/draw-program.ts",
  "orchestrator-worker": "src/agents/orchestrator/main.ts",
  "simulation-worker": "src/agents/simulation/main.ts",
  "qna-worker": "src/agents/qna/main.ts",
  "viz-worker": "src/agents/viz/main.ts",
  "custom-worker": "src/agents/custom/main.ts",
  worker: "src/worker/worker.ts",
  "mcp-worker": "src/agents/mcp/main.ts",
  "mcp-list": "src/agents/mcp/list-main.ts",
  "dispatcher-worker": "src/agents/dispatcher/main.ts",
  "simulation-tools": "src/agents/simulation/tools/mcp-server.ts",
  "qna-tools": "src/agents/qna/tools/mcp-server.ts",
  "viz-tools": "src/agents/viz/tools/mcp-server.ts",
};

/** Packages with native parts or files of their own stay outside the bundle. */
const external = ["@duckdb/node-api", "@resvg/resvg-js", "dejavu-fonts-ttf"];

/** Ink asks for a development tool of React that is never shipped. */
const withoutDevtools = {
  name: "without-devtools",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^react-devtools-core$/ }, ({ path }) => ({ path, namespace: "absent" }));
    onLoad({ filter: /.*/, namespace: "absent" }, () => ({
      contents: "export default undefined;",
    }));
  },
};

/** Built beside the old one and put in its place at the end, so that no half-built dist is started. */
const fresh = `${out}.${process.pid}`;
rmSync(fresh, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: Object.fromEntries(
    Object.entries(programs).map(([name, source]) => [name, join(root, source)]),
  ),
  outdir: fresh,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node22.18",
  external,
  jsx: "automatic",
  minifySyntax: true,
  minifyWhitespace: true,
  keepNames: true,
  legalComments: "none",
  logLevel: "error",
  chunkNames: "chunk-[hash]",
  define: { "process.env.NODE_ENV": '"production"', __VERSION__: JSON.stringify(version) },
  plugins: [withoutDevtools],
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
});
mkdirSync(fresh, { recursive: true });
/** What agents of the user's own import, described for their compiler. */
const api = readFileSync(join(root, "src/worker/worker.ts"), "utf8");
const options = { compilerOptions: { target: "es2023", module: "nodenext", strict: true } };
writeFileSync(join(fresh, "worker.d.ts"), ts.transpileDeclaration(api, options).outputText);
writeFileSync(join(fresh, "package.json"), '{ "type": "module" }\n');
const old = `${fresh}.old`;
if (existsSync(out)) renameSync(out, old);
renameSync(fresh, out);
rmSync(old, { recursive: true, force: true });
