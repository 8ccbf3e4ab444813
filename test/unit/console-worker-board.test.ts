import { expect, test } from "vitest";
import type { SupervisedWorker } from "../../src/agents/supervisor/supervised-slot.ts";
import { WorkerBoard } from "../../src/console/worker-board.ts";
import { agentsToStart, isPlayedByAll } from "../../src/console/worker-orders.ts";
import { AGENT_NAMES, STANDING_AGENT_NAMES } from "../../src/protocol/ids.ts";
import { heartbeatOf, slotOf } from "../support/worker-fixtures.ts";

/** A worker that has been silent for this long is lost. */
const LOST_AFTER_MS = 5000;

const history = { restarts: 2, crashesAt: [] };
const own = (change: Partial<SupervisedWorker> = {}): SupervisedWorker => ({
  slot: slotOf("qna"),
  agent: "qna",
  state: { status: "ready", pid: 7, readyAt: 0, history },
  lastWords: ["oops"],
  ...change,
});

test("joins what the supervisor knows of an own worker with its heartbeats", () => {
  const board = new WorkerBoard();
  board.hear(heartbeatOf("qna", { activity: "busy" }), 10);
  board.supervise(own());

  expect(board.views(20)).toEqual([
    {
      slot: slotOf("qna"),
      agent: "qna",
      status: "ready",
      own: true,
      pid: 7,
      restarts: 2,
      heartbeat: heartbeatOf("qna", { activity: "busy" }),
      heartbeatAt: 10,
      lastWords: ["oops"],
    },
  ]);
});

test("shows an own worker by its supervisor however silent it is", () => {
  const board = new WorkerBoard();
  board.supervise(own({ state: { status: "given-up", reason: "crash-loop", history } }));

  expect(board.views(1e9)).toMatchObject([{ status: "given-up", pid: null, heartbeat: null }]);
});

test("shows a foreign worker as it says, as lost when it falls silent, and then no more", () => {
  const board = new WorkerBoard();
  board.hear(heartbeatOf("qna", { activity: "busy" }), 0);
  const statusAt = (at: number) => board.views(at).map(({ status, own: ours }) => [status, ours]);

  expect(statusAt(LOST_AFTER_MS)).toEqual([["busy", false]]);
  expect(statusAt(LOST_AFTER_MS + 1)).toEqual([["lost", false]]);
  expect(statusAt(60_000)).toEqual([]);
});

test("takes a worker that says farewell off the board", () => {
  const board = new WorkerBoard();
  board.hear(heartbeatOf("qna"), 0);

  board.hear(heartbeatOf("qna", { activity: "stopped" }), 1);

  expect(board.views(2)).toEqual([]);
});

test("lists workers in the order of agents and slots", () => {
  const board = new WorkerBoard();
  board.hear(heartbeatOf("viz"), 0);
  board.hear(heartbeatOf("qna", { slot: slotOf("qna", 1) }), 0);
  board.supervise(own());
  board.hear(heartbeatOf("orchestrator"), 0);

  expect(board.views(1).map(({ slot }) => slot)).toEqual([
    "box:orchestrator:0",
    "box:qna:0",
    "box:qna:1",
    "box:viz:0",
  ]);
});

test("misses the agents that nobody plays or has played lately", () => {
  const board = new WorkerBoard();
  expect(board.missingAgents(0)).toEqual(AGENT_NAMES);
  board.supervise(own());
  board.hear(heartbeatOf("viz"), 0);

  expect(board.missingAgents(LOST_AFTER_MS - 1)).toEqual(["orchestrator", "simulation", "mcp"]);
  expect(board.missingAgents(LOST_AFTER_MS)).toEqual(["orchestrator", "simulation", "viz", "mcp"]);
});

test("has room for a bounded number of workers, and makes room of those long gone", () => {
  const board = new WorkerBoard();
  const hear = (number: number, at: number): void =>
    board.hear(heartbeatOf("qna", { slot: slotOf("qna", number) }), at);
  for (let number = 0; number < 300; number += 1) hear(number, 0);
  expect(board.views(0)).toHaveLength(200);

  hear(999, 60_000);

  expect(board.views(60_000).map(({ slot }) => slot)).toEqual(["box:qna:999"]);
});

test.each([
  ["auto", ["orchestrator", "viz", "mcp"]],
  ["own", AGENT_NAMES],
  ["none", []],
] as const)("with the choice %s workers are started for %j", (choice, agents) => {
  const living = [heartbeatOf("simulation"), heartbeatOf("qna"), heartbeatOf("qna")];

  expect(agentsToStart(choice, living)).toEqual(agents);
});

test("every crew plays mcp where there are servers for it, and all others anywhere", () => {
  const mcpServers = { usable: [], refused: [] };
  expect(AGENT_NAMES.filter((agent) => isPlayedByAll(agent, { mcpServers }))).toEqual(AGENT_NAMES);
  expect(AGENT_NAMES.filter((agent) => isPlayedByAll(agent, {}))).toEqual(STANDING_AGENT_NAMES);
});
