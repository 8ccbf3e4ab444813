/**
 * The thread of a lease keeper: renews what is held, by a connection of its own.
 *
 * It speaks the few words of the protocol it needs itself: a client library would cost each worker
 * more memory and start-up time than the worker's own connections. Every reply it asks for is one
 * line, and replies come in the order of the commands.
 *
 * G1 A connection that does not answer within the time between two renewals is cut and made anew.
 * G2 A renewal without an answer is no loss; the next one follows.
 */
import type { Socket } from "node:net";
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import { parentPort, workerData } from "node:worker_threads";
import { readBoard } from "./lease-board.ts";
import type { LeaseNews, LeasePlace, LeaseThreadData, ServerEndpoint } from "./lease-keeper.ts";
import { renewScript } from "./scripts/renew.ts";

const { group, consumer, leaseMs, board }: LeaseThreadData = workerData;
const everyMs = leaseMs / 3;
let place: LeasePlace | undefined;

/** One connection; its waiting commands are answered in order. */
interface Line {
  readonly socket: Socket;
  readonly waiting: ((reply: string | undefined) => void)[];
}

let line: Line | undefined;

function tell(news: LeaseNews): void {
  parentPort?.postMessage(news);
}

function open(endpoint: ServerEndpoint): Line {
  const socket =
    "path" in endpoint
      ? connect(endpoint.path)
      : endpoint.tls
        ? connectTls({ host: endpoint.host, port: endpoint.port, servername: endpoint.host })
        : connect(endpoint.port, endpoint.host);
  const fresh: Line = { socket, waiting: [] };
  const end = (): void => {
    if (line === fresh) line = undefined;
    for (const answer of fresh.waiting.splice(0)) answer(undefined); // G2
  };
  let rest = "";
  socket.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\r\n");
    rest = lines.pop() ?? "";
    for (const one of lines) fresh.waiting.shift()?.(one);
  });
  socket.setTimeout(Math.max(everyMs, 1000), () => {
    if (fresh.waiting.length > 0) socket.destroy(); // G1
  });
  socket.on("error", () => socket.destroy());
  socket.on("close", end);
  if (!("path" in endpoint)) {
    const { username, password, database } = endpoint;
    if (password !== undefined) {
      void send(fresh, ["AUTH", ...(username === undefined ? [] : [username]), password]);
    }
    if (database !== 0) void send(fresh, ["SELECT", String(database)]);
  }
  return fresh;
}

function send(to: Line, words: readonly string[]): Promise<string | undefined> {
  const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
  to.socket.write(`*${words.length}\r\n${parts.join("")}`);
  return new Promise((resolve) => to.waiting.push(resolve));
}

async function renew(holding: number, entryId: string, at: LeasePlace): Promise<void> {
  line ??= open(at.endpoint);
  const words = ["EVAL", renewScript.lua, "1", at.stream, group, consumer, entryId];
  const reply = await send(line, words);
  if (reply === undefined || reply === ":1") return;
  if (reply === ":0" || reply.includes("NOGROUP")) tell({ type: "lost", holding });
  else tell({ type: "problem", message: `the lease could not be renewed: ${reply}` });
}

setInterval(() => {
  if (place === undefined) return;
  for (const { number, entryId } of readBoard(board)) void renew(number, entryId, place);
}, everyMs);

parentPort?.on("message", (told: LeasePlace) => {
  // What is now led elsewhere is not asked of the one that led before.
  if (place !== undefined && JSON.stringify(place.endpoint) !== JSON.stringify(told.endpoint)) {
    line?.socket.destroy();
    line = undefined;
  }
  place = told;
});
