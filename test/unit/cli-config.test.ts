import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { readArguments } from "../../src/cli/arguments.ts";
import type { Config } from "../../src/cli/config.ts";
import { describeConfig, readConfig } from "../../src/cli/config.ts";
import { VERBS } from "../../src/cli/verbs/table.ts";

let home: string;
let before: string;
beforeEach(() => {
  before = process.cwd();
  home = mkdtempSync(join(tmpdir(), "config-"));
  process.chdir(home);
  vi.stubEnv("HOME", home);
  for (const name of ["REDIS_URL", "BROKER", "NAMESPACE", "AGENTS", "SESSION", "LEASE_MS"]) {
    vi.stubEnv(`AIMIE_${name}`, undefined);
  }
  for (const name of ["STATE", "CACHE", "CONFIG"]) vi.stubEnv(`XDG_${name}_HOME`, undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  process.chdir(before);
  rmSync(home, { recursive: true, force: true });
});

const read = (...argv: readonly string[]): Config => readConfig(readArguments(argv, VERBS).common);
const configFile = (): string => join(home, ".config/aimie-console/config.yaml");
function writeConfig(text: string): void {
  mkdirSync(join(home, ".config/aimie-console"), { recursive: true });
  writeFileSync(configFile(), text);
}

test("is made of defaults when nothing is said", () => {
  expect(read()).toMatchObject({
    redis: { value: undefined, source: "default" },
    broker: { value: "auto" },
    namespace: { value: "default" },
    agents: { value: "auto" },
    session: { value: undefined },
    lease: { value: 30_000 },
    stateFolder: { value: join(home, ".local/state/aimie-console") },
  });
});

test("takes flags before the environment, that before .env, that before the file", () => {
  writeConfig("namespace: from-file\n");
  expect(read().namespace).toEqual({ value: "from-file", source: configFile() });

  writeFileSync(".env", "AIMIE_NAMESPACE=from-dot-env\n");
  expect(read().namespace).toEqual({ value: "from-dot-env", source: ".env" });

  vi.stubEnv("AIMIE_NAMESPACE", "from-environment");
  expect(read().namespace).toEqual({ value: "from-environment", source: "env AIMIE_NAMESPACE" });

  expect(read("--namespace", "from-flag").namespace).toEqual({
    value: "from-flag",
    source: "flag --namespace",
  });
});

test("takes an empty variable for none", () => {
  vi.stubEnv("AIMIE_BROKER", "");

  expect(read().broker).toEqual({ value: "auto", source: "default" });
});

test("follows the folders of the desktop, but only where they are full paths", () => {
  vi.stubEnv("XDG_STATE_HOME", "/state");
  vi.stubEnv("XDG_CACHE_HOME", "cache");

  expect(read()).toMatchObject({
    stateFolder: { value: "/state/aimie-console", source: "env XDG_STATE_HOME" },
    cacheFolder: { value: join(home, ".cache/aimie-console"), source: "default" },
  });
});

test("gives workers no secrets of the environment", () => {
  vi.stubEnv("AIMIE_REDIS_URL", "redis://:hunter2@host");
  vi.stubEnv("SOME_TOKEN", "hunter2");

  expect(JSON.stringify(read().environment)).not.toContain("hunter2");
});

test.each([
  ["AIMIE_BROKER", "kafka", "AIMIE_BROKER"],
  ["AIMIE_LEASE_MS", "long", "AIMIE_LEASE_MS"],
  ["AIMIE_LEASE_MS", "-1", "AIMIE_LEASE_MS"],
  ["AIMIE_NAMESPACE", "a:b", 'the namespace "a:b" (env AIMIE_NAMESPACE) cannot be used'],
])("refuses %s=%s and says so", (name, value, message) => {
  vi.stubEnv(name, value);

  expect(() => read()).toThrow(
    expect.objectContaining({ code: "usage", message: expect.stringContaining(message) }),
  );
});

test.each([["namespace: ["], ["namspace: x"], ["lease: soon"], ["- a"]])(
  "refuses the file %j and names it",
  (text) => {
    writeConfig(text);

    expect(() => read()).toThrow(
      expect.objectContaining({ code: "usage", message: expect.stringContaining(configFile()) }),
    );
  },
);

test("shows every setting with its source, and no password", () => {
  const shown = describeConfig(read("--redis", "redis://ann:hunter2@host:1/0"));

  expect(shown.find(({ name }) => name === "redis")).toEqual({
    name: "redis",
    value: "redis://***@host:1/0",
    source: "flag --redis",
  });
  expect(shown.find(({ name }) => name === "session")?.value).toBe("(none)");
  expect(shown.map(({ name }) => name)).not.toContain("environment");
});
