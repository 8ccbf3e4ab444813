/** Publishes messages on every topic at a steady rate until its standard input is closed. */
import { Redis } from "ioredis";
import { createEnvelope } from "../../src/bus/create-envelope.ts";

const [path, rate] = [process.argv[2], Number(process.argv[3])];
const AGENTS = ["simulation", "qna", "viz"];
const WORKERS = 8;
/** How often some are sent, milliseconds. */
const EVERY_MS = 10;

const redis = new Redis({ path });
const started = Date.now();

/** The kinds of messages in turn, so that no topic has more than its share. */
const KINDS = [
  ...AGENTS.flatMap((agent) => [
    (n) =>
      progress(agent, n, { kind: "advanced", fraction: (n % 100) / 100, message: `step ${n}` }),
    (n) => progress(agent, n, { kind: "logged", level: "info", message: `line ${n} of the log` }),
    (n) => message(`task.${agent}`, "task", n, { agent, input: { n } }),
    (n) => message(`result.${agent}`, "result", n, result(n)),
  ]),
  heartbeat,
];

function progress(agent, n, data) {
  return message(`progress.${agent}`, "progress", n, data);
}

function message(channel, type, n, data) {
  const agent = channel.split(".")[1];
  const of = {
    subject: `load.${agent}.${n}`,
    runid: "load",
    stepid: agent,
    attempt: 1,
    via: "stream",
  };
  return [channel, createEnvelope("load", type, data, of)];
}

function result(n) {
  return {
    status: "succeeded",
    output: { n },
    worker: "load",
    startedAt: started,
    finishedAt: started,
  };
}

function heartbeat(n) {
  const index = n % WORKERS;
  const data = {
    slot: `load:qna:${index}`,
    agent: "qna",
    pid: 1000 + index,
    host: "load",
    version: "0",
    activity: n % 3 === 0 ? "busy" : "ready",
    currentTask: null,
    queueDepth: n % 10,
    uptimeMs: Date.now() - started,
    rssBytes: 5e7 + n,
    cpuShare: (n % 100) / 100,
  };
  return ["agent.heartbeat", createEnvelope("load", "heartbeat", data)];
}

let sent = 0;
let stopped = false;
const began = performance.now();
const timer = setInterval(() => {
  const due = Math.floor(((performance.now() - began) / 1000) * rate);
  const pipeline = redis.pipeline();
  for (; sent < due; sent += 1) {
    const [channel, envelope] = KINDS[sent % KINDS.length](sent);
    pipeline.publish(channel, JSON.stringify(envelope));
  }
  void pipeline.exec().catch(() => undefined);
}, EVERY_MS);
process.stdin.resume();
process.stdin.on("end", () => {
  if (stopped) return;
  stopped = true;
  clearInterval(timer);
  process.stdout.write(
    `${JSON.stringify({ sent, seconds: (performance.now() - began) / 1000 })}\n`,
  );
  redis.disconnect();
});
