/** One ensemble, for `ensembles.mjs`; prints what it took as JSON. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { runSimulationTool } from "../../src/agents/simulation/tools/tool-logic.ts";
import { runEnsemble } from "../../src/engines/ensemble/run-ensemble.ts";
import { readModel } from "../../src/engines/xmile/read-model.ts";
import { simulationInputSchema } from "../../src/protocol/agent-data.ts";

const { folder, runs, threads, store } = JSON.parse(process.argv[2]);
const ensemble = {
  runs,
  parameters: "contact_rate=uniform(6, 10); infectious_period=triangular(6, 8, 11)",
};

async function stored() {
  const input = simulationInputSchema.parse({ model: "sir", ensemble });
  const config = { artifactFolder: folder, modelFolders: [resolve("models")] };
  return await runSimulationTool(input, { config });
}

async function computed() {
  const modelText = readFileSync("models/sir.xmile", "utf8");
  const { value: model } = readModel(modelText);
  const order = { seed: 1, sampling: "monte-carlo", ...ensemble };
  return await runEnsemble({ model, modelText, order, parameters: {}, schedule: {} }, { threads });
}

const startedAt = performance.now();
const result = await (store ? stored() : computed());
if (!result.ok) throw new Error(result.error.message);
const ms = performance.now() - startedAt;
const peakMb = process.resourceUsage().maxRSS / 1024;
process.stdout.write(JSON.stringify({ ms, peakMb }));
