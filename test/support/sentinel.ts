/** A master, its replica and the sentinels that watch them. */
import { freePort, type RedisServer, startRedisServer } from "./redis-server.ts";
import { waitUntil } from "./wait-until.ts";

/** A master and a replica under the watch of three sentinels. */
export interface SentinelSet {
  /** `redis-sentinel://…/mymaster`. */
  readonly url: string;
  readonly master: RedisServer;
  readonly replica: RedisServer;
  stop(): Promise<void>;
}

/** How long a master must be silent before it is replaced, milliseconds. */
const DOWN_AFTER_MS = 1000;

/** Starts them; resolves when the sentinels know the replica and one another. */
export async function startSentinelSet(): Promise<SentinelSet> {
  const masterPort = await freePort();
  const master = await startRedisServer({ port: masterPort });
  const settings = ["--replicaof", "127.0.0.1", String(masterPort), "--repl-diskless-sync-delay"];
  const replica = await startRedisServer({
    port: await freePort(),
    settings: [...settings, "0"],
  });
  await untilItFollows(replica);
  const ports = [await freePort(), await freePort(), await freePort()];
  const sentinels = await Promise.all(ports.map((port) => startSentinel(port, masterPort)));
  for (const sentinel of sentinels) await untilItKnows(sentinel);
  const hosts = ports.map((port) => `127.0.0.1:${port}`).join(",");
  return {
    url: `redis-sentinel://${hosts}/mymaster`,
    master,
    replica,
    async stop() {
      for (const server of [...sentinels, replica, master]) await server.stop();
    },
  };
}

/** What the master is told from now on, the replica is told too. */
async function untilItFollows(replica: RedisServer): Promise<void> {
  const connection = replica.connect();
  await waitUntil("the replica follows its master", async () =>
    (await connection.info("replication")).includes("master_link_status:up"),
  );
}

async function startSentinel(port: number, masterPort: number): Promise<RedisServer> {
  const lines = [
    `sentinel monitor mymaster 127.0.0.1 ${masterPort} 2`,
    `sentinel down-after-milliseconds mymaster ${DOWN_AFTER_MS}`,
    "sentinel failover-timeout mymaster 10000",
    "",
  ];
  return await startRedisServer({
    port,
    file: lines.join("\n"),
    settings: ["--sentinel"],
    ready: /\+monitor master mymaster/,
  });
}

async function untilItKnows(sentinel: RedisServer): Promise<void> {
  const connection = sentinel.connect();
  await waitUntil("a sentinel knows the others", async () => {
    const reply: unknown = await connection.call("SENTINEL", "MASTER", "mymaster");
    const text = JSON.stringify(reply);
    return /"num-slaves","1"/.test(text) && /"num-other-sentinels","2"/.test(text);
  });
  connection.disconnect();
}
