/**
 * The flow simulation → qna ∥ viz with workers that do nothing: ours against BullMQ, on the same
 * redis-server, in interleaved rounds. Every worker is a process of its own.
 */
import { readFileSync } from "node:fs";
import { startBullEvents, startBullTree } from "./bullmq.mjs";
import { startOurs } from "./ours.mjs";
import { startRedisServer } from "./redis-server.mjs";
import { format, median, print, quantile } from "./statistics.mjs";

const CONTESTANTS = [
  { name: "ours", start: startOurs },
  { name: "BullMQ FlowProducer", start: startBullTree },
  { name: "BullMQ QueueEvents", start: startBullEvents },
];

/** Linux counts processor time in hundredths of a second. */
const MS_PER_TICK = 10;

const WARM_UP_MS = 5000;
const MEASURE_MS = Number(process.env.AIMIE_BENCH_MS ?? 3000);
/** A flow that takes longer than this has been lost. */
const LOST_AFTER_MS = 20_000;
const SIDE_BY_SIDE = 50;

/** Keeps `inFlight` flows going for a while; answers each one's milliseconds and the rate. */
async function drive(contestant, inFlight, durationMs) {
  const latencies = [];
  const began = performance.now();
  const lane = async () => {
    while (performance.now() - began < durationMs) {
      const at = performance.now();
      await orLost(contestant.run());
      latencies.push(performance.now() - at);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  return { latencies, perSecond: (latencies.length * 1000) / (performance.now() - began) };
}

async function orLost(flow) {
  let timer;
  const lost = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error("a flow was lost")), LOST_AFTER_MS);
  });
  try {
    return await Promise.race([flow, lost]);
  } finally {
    clearTimeout(timer);
  }
}

/** One round of a contestant on an empty server. */
async function measure(start) {
  const server = await startRedisServer();
  const contestant = await start(server);
  try {
    await drive(contestant, SIDE_BY_SIDE, WARM_UP_MS);
    const single = await drive(contestant, 1, MEASURE_MS);
    const before = processorMs(server, contestant);
    const many = await drive(contestant, SIDE_BY_SIDE, MEASURE_MS);
    const used = processorMs(server, contestant).map((ms, index) => ms - before[index]);
    await contestant.check();
    return {
      single: single.perSecond,
      singleP50: quantile(single.latencies, 0.5),
      singleP99: quantile(single.latencies, 0.99),
      many: many.perSecond,
      processorMs: used.reduce((sum, ms) => sum + ms, 0) / many.latencies.length,
      shares: used.map((ms) => Math.round((ms * 1000) / many.latencies.length)),
      manyP50: quantile(many.latencies, 0.5),
      manyP99: quantile(many.latencies, 0.99),
    };
  } finally {
    await contestant.stop();
    await server.stop();
  }
}

/** Processor time used so far by the server, this process and each worker, milliseconds. */
function processorMs(server, contestant) {
  return [server.pid, process.pid, ...contestant.workers.map(({ pid }) => pid)].map((pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
    return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
  });
}

const FIGURES = [
  ["processorMs", `${SIDE_BY_SIDE} in flight, processor time a flow`, "ms", 2],
  ["single", "1 in flight, flows", "/s", 0],
  ["singleP50", "1 in flight, p50", "ms", 2],
  ["singleP99", "1 in flight, p99", "ms", 2],
  ["many", `${SIDE_BY_SIDE} in flight, flows`, "/s", 0],
  ["manyP50", `${SIDE_BY_SIDE} in flight, p50`, "ms", 1],
  ["manyP99", `${SIDE_BY_SIDE} in flight, p99`, "ms", 1],
];

/** Measures every contestant in each round, beginning with another one each time. */
export async function benchFlows({ rounds, only = process.env.AIMIE_BENCH_ONLY }) {
  const contestants = CONTESTANTS.filter(({ name }) => only === undefined || name === only);
  const results = new Map(contestants.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (let index = 0; index < contestants.length; index += 1) {
      const { name, start } = contestants[(round + index) % contestants.length];
      results.get(name).push(await measure(start));
    }
  }
  for (const { name } of contestants) {
    const { shares } = results.get(name)[0];
    print(`µs a flow: server, client, workers; ${name}`, shares.join(" "));
  }
  for (const [key, title, unit, digits] of FIGURES) {
    for (const { name } of contestants) {
      const values = results.get(name).map((one) => one[key]);
      print(`${title}, ${name}`, format(values, unit, digits));
    }
  }
  for (const { name } of contestants.slice(1)) {
    const ratio = (key) =>
      results.get("ours").map((one, at) => one[key] / results.get(name)[at][key]);
    print(`ours / ${name}, flows at ${SIDE_BY_SIDE}`, format(ratio("many"), "×", 2));
    print(`ours / ${name}, p50 at 1`, format(ratio("singleP50"), "×", 2));
  }
  return median(results.get(contestants[0].name).map((one) => one.many));
}
