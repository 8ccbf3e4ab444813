/** Processes of a measurement: started, configured by a message, ended. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";

/** Starts a program and hands it `message`; resolves when it has said that it is ready. */
export async function startProcess(program, message, isReady) {
  const child = fork(program, [], {
    detached: true,
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    execArgv: profiled(["--disable-warning=ExperimentalWarning"]),
  });
  const ready = new Promise((resolve, reject) => {
    child.on("message", (answer) => {
      if (isReady(answer)) resolve();
    });
    child.once("exit", (code) => reject(new Error(`${program} ended: ${code}`)));
  });
  child.send(message);
  await ready;
  child.removeAllListeners("exit");
  return {
    pid: child.pid,
    async stop() {
      const ended = once(child, "exit");
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGTERM");
      await Promise.race([ended, delay(3000, undefined, { ref: false })]);
      try {
        process.kill(-child.pid, "SIGKILL");
      } catch {
        // It has ended by itself.
      }
    },
  };
}

/** With AIMIE_BENCH_PROFILE=FOLDER every process leaves a CPU profile there. */
function profiled(flags) {
  const folder = process.env.AIMIE_BENCH_PROFILE;
  return folder === undefined ? flags : [...flags, "--cpu-prof", `--cpu-prof-dir=${folder}`];
}
