/** The script of examples/ that drives the session API with curl. */
import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { listenTo } from "../support/ending.ts";
import { newPlace, untilNothingRuns } from "../support/product.ts";

const root = join(import.meta.dirname, "../..");

const hasCurl = spawnSync("curl", ["--version"]).status === 0;

test.skipIf(!hasCurl)(
  "curl is answered on every path, and nothing is left when it is over (needs curl)",
  async () => {
    const place = newPlace();
    const program = `${process.execPath} ${join(root, "bin/aimie-console.js")}`;
    const script = join(root, "examples/session-api.sh");
    const child = spawn("/bin/sh", [script, "question=What is the peak of infectious?"], {
      cwd: place.work,
      env: { ...place.env, TMPDIR: place.work, AIMIE_CONSOLE: program },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const ended = await listenTo(child).ended;
    expect(ended).toMatchObject({ code: 0, stderr: "" });
    const told = ended.stdout.split("\n");
    expect(told[0]).toBe("GET /v1/sessions: 401");
    expect(Number(/^events: (\d+)$/m.exec(ended.stdout)?.[1])).toBeGreaterThanOrEqual(4);
    expect(told.at(-2)).toBe("every request was answered as expected");
    await untilNothingRuns(place);
  },
  180_000,
);
