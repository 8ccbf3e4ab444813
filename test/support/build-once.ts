import { execFileSync } from "node:child_process";
import { join } from "node:path";

/** Builds the product before the first test: in a checkout its starter builds what is not built. */
export function setup(): void {
  const program = join(import.meta.dirname, "../../bin/aimie-console.js");
  execFileSync(process.execPath, [program, "--version"], { stdio: "inherit" });
}
