import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { REDIS_SERVER } from "./redis-server.ts";

/** Says which brokers are tested, and builds the product as its starter does in a checkout. */
export function setup(): void {
  const server = REDIS_SERVER;
  const real =
    server === undefined
      ? "no redis-server or valkey-server is on PATH, so no real Redis is tested"
      : `and a real one, ${execFileSync(server, ["--version"], { encoding: "utf8" }).trim()}`;
  process.stdout.write(`Tested brokers: the embedded one; ${real}\n`);
  const program = join(import.meta.dirname, "../../bin/aimie-console.js");
  execFileSync(process.execPath, [program, "--version"], { stdio: "inherit" });
}
