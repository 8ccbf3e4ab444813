/** A cluster of one node, or of three that share the slots. */
import { freePort, type RedisServer, startRedisServer } from "./redis-server.ts";
import { waitUntil } from "./wait-until.ts";

/** How many slots a cluster has. */
const SLOTS = 16_384;

/** A cluster that a test has for itself. */
export interface RedisCluster {
  /** `redis-cluster://…`, naming one node. */
  readonly url: string;
  readonly nodes: readonly RedisServer[];
  stop(): Promise<void>;
}

/** Starts a cluster; resolves when it serves every slot. */
export async function startCluster(size: 1 | 3): Promise<RedisCluster> {
  const ports: number[] = [];
  while (ports.length < size) ports.push(await clusterPort());
  const nodes = await Promise.all(
    ports.map((port) =>
      startRedisServer({
        port,
        settings: ["--cluster-enabled", "yes", "--cluster-node-timeout", "2000"],
      }),
    ),
  );
  for (const [index, node] of nodes.entries()) {
    const connection = node.connect();
    const first = String(Math.floor((index * SLOTS) / size));
    const last = String(Math.floor(((index + 1) * SLOTS) / size) - 1);
    await connection.call("CLUSTER", "ADDSLOTSRANGE", first, last);
    for (const port of ports) {
      if (size > 1) await connection.call("CLUSTER", "MEET", "127.0.0.1", String(port));
    }
  }
  for (const node of nodes) {
    const connection = node.connect();
    await waitUntil("the cluster serves", async () => {
      const info = String(await connection.call("CLUSTER", "INFO"));
      return info.includes("cluster_state:ok") && info.includes(`cluster_known_nodes:${size}`);
    });
    connection.disconnect();
  }
  return {
    url: `redis-cluster://127.0.0.1:${ports[0]}`,
    nodes,
    async stop() {
      for (const node of nodes) await node.stop();
    },
  };
}

/** A node also listens 10000 ports higher. */
async function clusterPort(): Promise<number> {
  for (;;) {
    const port = await freePort();
    if (port <= 55_000) return port;
  }
}
