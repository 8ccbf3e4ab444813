/** What a console does for its workers, without the rest of it: the supervisor, and nothing else. */
import { processSpawner } from "../../src/agents/supervisor/spawn.ts";
import { startSupervisor } from "../../src/agents/supervisor/supervisor.ts";
import { systemClock } from "../../src/base/clock.ts";
import { systemRandom } from "../../src/base/random.ts";

process.on("disconnect", () => process.exit(0));
process.once("message", ({ orders, environment }) => {
  const tell = (message) => process.connected && process.send(message);
  const ports = {
    spawner: processSpawner(environment),
    clock: systemClock,
    random: systemRandom,
  };
  const supervisor = startSupervisor(orders, ports, {
    onChange({ slot, state }) {
      tell({ type: "change", slot, status: state.status, pid: state.pid ?? null });
      // An operator would do the same: it is the chaos that kills, not the worker that is broken.
      if (state.status === "given-up") setImmediate(() => supervisor.restart(slot));
    },
    onLog: (slot, level, text) => tell({ type: "log", slot, level, text }),
  });
  process.on("message", (message) => {
    if (message === "close") void supervisor.close().then(() => process.exit(0));
  });
});
