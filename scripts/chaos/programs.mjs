/** Bundles the programs of a world as the product's own are bundled, so that they start as fast. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const root = join(import.meta.dirname, "..", "..");

const PROGRAMS = {
  crew: "scripts/chaos/crew.mjs",
  broker: "src/bus/broker-main.ts",
  orchestrator: "src/agents/orchestrator/main.ts",
  simulation: "test/fixtures/programs/idle-simulation.ts",
  qna: "test/fixtures/programs/idle-qna.ts",
  "lease-keeper-thread": "src/bus/lease-keeper-thread.ts",
  viz: "test/fixtures/programs/idle-viz.ts",
};

/** Writes the bundles to a folder; answers the path of each. */
export async function buildPrograms(folder) {
  await build({
    absWorkingDir: root,
    entryPoints: PROGRAMS,
    outdir: folder,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node22.18",
    logLevel: "error",
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
  });
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n');
  return (name) => join(folder, `${name}.js`);
}
