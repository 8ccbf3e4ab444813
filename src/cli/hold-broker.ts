/** `broker`: the private broker, held open. */
import { maskAddress } from "../bus/address.ts";
import { openConnection } from "../bus/connection.ts";
import type { Config } from "./config.ts";
import type { OutputForm } from "./flag.ts";
import { openBus } from "./open-console.ts";
import type { Output } from "./output.ts";

/** Starts the private broker, or finds the running one, prints its address and holds it. */
export async function holdBroker(
  config: Config,
  form: OutputForm,
  output: Output,
  until: AbortSignal,
): Promise<void> {
  const bus = await openBus(config, (message) => output.err(message));
  const address = maskAddress(bus.address);
  output.out(form === "text" ? address : JSON.stringify({ kind: bus.kind, address }));
  if (bus.kind === "given") return;
  if (bus.address.kind === "unix" && form === "text") {
    output.err(`look around with: redis-cli -s ${bus.address.path}; ctrl-c lets the broker go`);
  }
  // A client of ours keeps the broker until this command ends.
  const connection = openConnection(bus.address, "command");
  if (!until.aborted) {
    await new Promise<void>((resolve) => until.addEventListener("abort", () => resolve()));
  }
  connection.disconnect();
}
