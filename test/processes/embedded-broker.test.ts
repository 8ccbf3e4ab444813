/** The embedded broker as a process of its own: what it was told survives it, however it ends. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { locateBus } from "../../src/bus/locate-bus.ts";
import { connectResp, type RespClient, show } from "../support/resp-client.ts";
import { waitUntil } from "../support/wait-until.ts";

const PROGRAM = join(import.meta.dirname, "../../dist/broker.js");

let folder: string;
let socketPath: string;
beforeEach(() => {
  folder = mkdtempSync("/tmp/aimie-broker-");
  socketPath = join(folder, "embedded.sock");
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
});

function startBroker(fsync: "everysec" | "always" = "everysec"): ChildProcess {
  const order = JSON.stringify({ kind: "embedded", folder, fsync });
  const child = spawn(process.execPath, [PROGRAM, order], { stdio: ["ignore", "ignore", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

async function connect(): Promise<RespClient> {
  const client = await waitUntil("the broker answers", () =>
    connectResp(socketPath).catch(() => undefined),
  );
  onTestFinished(() => client.close());
  return client;
}

/** Adds and reads entries until the broker is gone, counting what it acknowledged. */
async function writeUntilCut(client: RespClient, acknowledged: Acknowledged): Promise<void> {
  try {
    for (;;) {
      const { added } = acknowledged;
      await client.command("XADD", "s", `${added + 1}-1`, "n", String(added));
      acknowledged.added += 1;
      await client.command("XREADGROUP", "GROUP", "g", "c", "COUNT", "1", "STREAMS", "s", ">");
      acknowledged.read += 1;
    }
  } catch {
    // The broker was killed: what was on its way may have been done or not.
  }
}

interface Acknowledged {
  added: number;
  read: number;
}

test.each(["everysec", "always"] as const)(
  "loses nothing it acknowledged when it is killed (fsync %s)",
  async (fsync) => {
    let broker = startBroker(fsync);
    let client = await connect();
    await client.command("XGROUP", "CREATE", "s", "g", "0", "MKSTREAM");
    const acknowledged: Acknowledged = { added: 0, read: 0 };
    for (let round = 0; round < 3; round += 1) {
      const before = acknowledged.added;
      const writing = writeUntilCut(client, acknowledged);
      await waitUntil("some writes were acknowledged", () => acknowledged.added >= before + 50);
      const ended = once(broker, "exit");
      broker.kill("SIGKILL");
      await ended;
      await writing;

      broker = startBroker(fsync);
      client = await connect();
      const length = Number((await client.command("XLEN", "s")).text);
      // The one write that was on its way may have been made.
      expect(length - acknowledged.added).toBeOneOf([0, 1]);
      const pending = Number((await client.command("XPENDING", "s", "g")).parts?.[0]?.text);
      expect(pending - acknowledged.read).toBeOneOf([0, 1]);
      Object.assign(acknowledged, { added: length, read: pending });
    }
  },
);

test("keeps its data over an orderly end, in a private file", async () => {
  const broker = startBroker();
  const client = await connect();
  await client.command("SET", "k", "v", "EX", "1000");
  const ended = once(broker, "exit");
  broker.kill("SIGTERM");
  expect(await ended).toEqual([0, null]);

  startBroker();

  const next = await connect();
  expect(show(await next.command("GET", "k"))).toBe("$v");
  expect(Number((await next.command("TTL", "k")).text)).toBeGreaterThan(900);
  expect(statSync(join(folder, "embedded.aof")).mode & 0o777).toBe(0o600);
});

test("shares its folder with no other broker", async () => {
  startBroker();
  const client = await connect();
  await client.command("SET", "k", "v");

  const [code] = await once(startBroker(), "exit");

  expect(code).toBe(0);
  expect(show(await client.command("GET", "k"))).toBe("$v");
  expect(show(await (await connect()).command("GET", "k"))).toBe("$v");
});

test("says where its log is damaged and what to do, without trying for long", async () => {
  const path = join(folder, "embedded.aof");
  writeFileSync(path, "*1\r\n$8\r\nFLUSHALL\r\nrubbish\r\n*1\r\n$4\r\nPING\r\n");

  const locating = locateBus({
    url: undefined,
    choice: "embedded",
    folder,
    searchPath: "",
    brokerProgram: PROGRAM,
  });

  await expect(locating).rejects.toMatchObject({
    code: "bus-unreachable",
    message: expect.stringContaining(`the broker's log ${path} is damaged at byte 18 of`),
    nextStep: expect.stringContaining(`truncate -s 18 ${path}`),
  });
  expect(readFileSync(path, "latin1")).toContain("rubbish");
});
