/**
 * Measures the product: `npm run bench` does every section, `npm run bench -- flows` one of them;
 * `--rounds N` sets how often each measurement is repeated. Prints medians and ranges.
 */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";

/** Sections by name; each module exports a function of `{ rounds }`. */
const SECTIONS = {
  start: async () => (await import("./bench/start-up.mjs")).benchStartUp,
  "round-trips": async () => (await import("./bench/round-trips.mjs")).benchRoundTrips,
  flows: async () => (await import("./bench/flows.mjs")).benchFlows,
  recovery: async () => (await import("./bench/recovery.mjs")).benchRecovery,
  embedded: async () => (await import("./bench/embedded.mjs")).benchEmbedded,
  charts: async () => (await import("./bench/charts.mjs")).benchCharts,
  ensembles: async () => (await import("./bench/ensembles.mjs")).benchEnsembles,
  flood: async () => (await import("./bench/flood.mjs")).benchFlood,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: "string", default: "5" } },
});
const rounds = Number(values.rounds);
const wanted = positionals.length === 0 ? Object.keys(SECTIONS) : positionals;
const unknown = wanted.find((name) => !Object.hasOwn(SECTIONS, name));
if (unknown !== undefined || !Number.isInteger(rounds) || rounds < 1) {
  const names = Object.keys(SECTIONS).join(", ");
  process.stderr.write(`usage: npm run bench -- [--rounds N] [SECTION…], sections: ${names}\n`);
  process.exit(2);
}
process.stdout.write(
  `Node ${process.versions.node}, ${availableParallelism()} cores, ${rounds} rounds\n`,
);
for (const name of wanted) {
  process.stdout.write(`\n${name}\n`);
  const bench = await SECTIONS[name]();
  await bench({ rounds });
}
