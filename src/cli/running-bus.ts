/** The bus as it is, for those who only look: nothing is started. */
import { join } from "node:path";
import type { BusAddress } from "../bus/address.ts";
import { probe } from "../bus/connection.ts";
import type { LocatedBus } from "../bus/locate-bus.ts";
import { brokerSocket } from "../bus/locate-bus.ts";
import type { Config } from "./config.ts";
import { openBus } from "./open-console.ts";

/** How long a private broker may take to answer, milliseconds. */
const ANSWER_MS = 1000;

/**
 * The bus of a configuration, if it runs; undefined when a private broker would have to be started.
 * @throws OperatorError `bus-unreachable` for a given address that does not answer.
 */
export async function findRunningBus(config: Config): Promise<LocatedBus | undefined> {
  if (config.redis.value !== undefined) return await openBus(config);
  const folder = join(config.stateFolder.value, "broker");
  const choice = config.broker.value;
  for (const kind of choice === "auto" ? (["redis", "embedded"] as const) : [choice]) {
    const address: BusAddress = { kind: "unix", path: brokerSocket(folder, kind) };
    const answers = await probe(address, ANSWER_MS).then(
      () => true,
      () => false,
    );
    if (answers) return { kind, address };
  }
  return undefined;
}
