/**
 * Flows go through real workers while everything is killed and stopped at random:
 * `npm run chaos -- --seconds 60 --seed 7 --broker redis`. The faults derive from the seed alone, so
 * a failing seed can be played again. Ends with 1 when a run was lost, is stuck, was counted twice
 * or did not succeed, or when something is left over.
 */
import { parseArgs } from "node:util";
import { planFaults } from "./chaos/fault-plan.mjs";
import { judge } from "./chaos/judge.mjs";
import { submitFlows } from "./chaos/submitter.mjs";
import { openWorld } from "./chaos/world.mjs";

/** How long unfinished runs may take once nothing is broken any more, milliseconds. */
const RECOVERY_MS = 60_000;

function readOptions() {
  const { values } = parseArgs({
    options: {
      seconds: { type: "string", default: "60" },
      seed: { type: "string", default: String(Date.now() % 1_000_000) },
      broker: { type: "string", default: "redis" },
      lanes: { type: "string", default: "10" },
      verbose: { type: "boolean", default: false },
    },
  });
  const [seconds, seed, lanes] = [values.seconds, values.seed, values.lanes].map(Number);
  const isGood = seconds > 0 && Number.isInteger(seed) && Number.isInteger(lanes) && lanes > 0;
  if (isGood && ["redis", "embedded"].includes(values.broker))
    return { ...values, seconds, seed, lanes };
  process.stderr.write(
    "usage: npm run chaos -- [--seconds N] [--seed N] [--broker redis|embedded] [--lanes N] [--verbose]\n",
  );
  return process.exit(2);
}

const options = readOptions();
const { seconds, seed, broker, lanes, verbose } = options;
process.stdout.write(`chaos: seed ${seed}, ${seconds} s, ${broker} broker\n`);
const tell = verbose ? (line) => process.stdout.write(`${line}\n`) : () => undefined;
const world = await openWorld(broker, tell);
let verdict;
try {
  const flows = submitFlows(world, lanes);
  await world.play(planFaults(seed, seconds * 1000));
  await world.heal();
  const unfinished = await flows.finish(RECOVERY_MS);
  verdict = await judge(world, flows, unfinished);
} finally {
  await world.close();
}
const leftProcesses = world.processesLeft();
const lines = { ...verdict.figures, "processes left over": leftProcesses.length };
for (const [name, figure] of Object.entries(lines)) {
  process.stdout.write(`${name.padEnd(24)} ${figure}\n`);
}
for (const problem of verdict.problems) process.stdout.write(`problem: ${problem}\n`);
for (const line of leftProcesses) process.stdout.write(`left over: ${line}\n`);
const failed = verdict.problems.length > 0 || leftProcesses.length > 0;
if (failed) {
  const again = `--seconds ${seconds} --seed ${seed} --broker ${broker} --lanes ${lanes}`;
  process.stdout.write(`play it again with: npm run chaos -- ${again} --verbose\n`);
} else world.remove();
process.exit(failed ? 1 : 0);
