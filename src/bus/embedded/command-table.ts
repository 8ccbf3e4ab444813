import type { Command } from "./command.ts";
import { clientCommands } from "./commands/clients.ts";
import { configurationCommands } from "./commands/configuration.ts";
import { connectionCommands } from "./commands/connection.ts";
import { hashCommands } from "./commands/hashes.ts";
import { keyCommands } from "./commands/keys.ts";
import { listCommands } from "./commands/lists.ts";
import { monitoringCommands } from "./commands/monitoring.ts";
import { pubsubCommands } from "./commands/pubsub.ts";
import { scriptingCommands } from "./commands/scripting.ts";
import { serverCommands } from "./commands/server.ts";
import { setCommands } from "./commands/sets.ts";
import { sortedSetRangeCommands } from "./commands/sorted-set-ranges.ts";
import { sortedSetCommands } from "./commands/sorted-sets.ts";
import { streamClaimCommands } from "./commands/stream-claims.ts";
import { streamGroupCommands } from "./commands/stream-groups.ts";
import { streamInfoCommands } from "./commands/stream-info.ts";
import { streamReadCommands } from "./commands/stream-reads.ts";
import { streamCommands } from "./commands/streams.ts";
import { stringCommands } from "./commands/strings.ts";
import { transactionCommands } from "./commands/transactions.ts";

/** Every command of the broker by its lower-case name. */
export const ALL_COMMANDS: ReadonlyMap<string, Command> = new Map(
  [
    connectionCommands,
    clientCommands,
    configurationCommands,
    serverCommands,
    monitoringCommands,
    keyCommands,
    stringCommands,
    hashCommands,
    setCommands,
    listCommands,
    sortedSetCommands,
    sortedSetRangeCommands,
    streamCommands,
    streamReadCommands,
    streamGroupCommands,
    streamClaimCommands,
    streamInfoCommands,
    pubsubCommands,
    transactionCommands,
    scriptingCommands,
  ].flatMap((table) => Object.entries(table)),
);
