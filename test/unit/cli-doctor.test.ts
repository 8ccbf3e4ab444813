import { chmodSync, existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { judgeFacts } from "../../src/cli/doctor/check-bus.ts";
import { checkPrograms } from "../../src/cli/doctor/check-programs.ts";
import { checkStore } from "../../src/cli/doctor/check-store.ts";
import type { TerminalFacts } from "../../src/cli/doctor/check-surroundings.ts";
import { judgeNode, judgeTerminal } from "../../src/cli/doctor/check-surroundings.ts";
import { judgeWorkers } from "../../src/cli/doctor/check-workers.ts";
import { programTrust } from "../../src/cli/program-trust.ts";
import { customAgentNameSchema } from "../../src/protocol/ids.ts";
import { configIn } from "../support/program-config.ts";
import { created, storeFolder } from "../support/session-fixtures.ts";
import { heartbeatOf } from "../support/worker-fixtures.ts";

const verdicts = (findings: readonly { readonly verdict: string }[]): string =>
  findings.map(({ verdict }) => verdict).join(" ");

test.each([
  [{ role: "master", maxmemory_policy: "noeviction", aof_enabled: "1" }, "ok ok ok"],
  [{ role: "slave", maxmemory_policy: "noeviction", aof_enabled: "1" }, "fail ok ok"],
  [{ maxmemory_policy: "allkeys-lru", maxmemory: "0", aof_enabled: "1" }, "warn ok"],
  [{ maxmemory_policy: "allkeys-lru", maxmemory: "1000", aof_enabled: "1" }, "fail ok"],
  [{ role: "master", aof_enabled: "0" }, "ok warn"],
])("a given Redis that says %j is judged %s", (facts, expected) => {
  expect(verdicts(judgeFacts(new Map(Object.entries(facts)), "given"))).toBe(expected);
});

const terminal: TerminalFacts = {
  isTerminal: true,
  columns: 120,
  rows: 40,
  colourBits: 8,
  term: "xterm-256color",
  noColour: false,
  locale: "C.UTF-8",
};

test.each<[Partial<TerminalFacts>, string]>([
  [{}, "ok ok ok"],
  [{ isTerminal: false, columns: undefined }, "ok"],
  [{ columns: 0, rows: undefined }, "warn ok ok"],
  [{ term: "dumb" }, "ok warn ok"],
  [{ colourBits: 1, noColour: true }, "ok ok ok"],
  [{ locale: "POSIX" }, "ok ok warn"],
])("a terminal with %j is judged %s", (change, expected) => {
  expect(verdicts(judgeTerminal({ ...terminal, ...change }))).toBe(expected);
});

test.each([
  ["22.18.0", "ok"],
  ["24.1.0", "ok"],
  ["22.17.9", "fail"],
  ["20.20.2", "fail"],
])("Node %s is judged %s", (version, verdict) => {
  expect(judgeNode(version).verdict).toBe(verdict);
});

test("says who is missing and who is of another version", () => {
  expect(verdicts(judgeWorkers([], "0.1.0"))).toBe("ok");
  const found = judgeWorkers([heartbeatOf("qna"), heartbeatOf("viz", { version: "9" })], "0.1.0");
  expect(found.map(({ text }) => text)).toEqual([
    "2 live: box:qna:0, box:viz:0",
    "nobody plays orchestrator, simulation",
    "box:viz:0 is version 9, this is 0.1.0",
  ]);
});

test("reads every row of the store, and sets damaged ones aside when it is to mend", () => {
  const folder = storeFolder();
  onTestFinished(() => folder.remove());
  const check = (fix = false) => checkStore(folder.path, () => folder.open(), fix);
  expect(check()).toMatchObject([{ verdict: "ok", text: expect.stringContaining("no store yet") }]);

  const store = folder.open();
  for (let n = 1; n <= 7; n += 1) store.append(created(n, `name ${n}`));
  store.close();
  expect(check()).toMatchObject([{ verdict: "ok", text: "each row of the store can be read" }]);

  const database = new DatabaseSync(folder.path);
  database.exec("UPDATE entries SET json = '{'");
  database.close();
  expect(check()).toMatchObject([
    {
      verdict: "warn",
      text: expect.stringMatching(/^7 rows cannot be read: entries 01\d+, .* and 2 more$/),
      remedy: expect.stringContaining("--fix"),
    },
  ]);
  expect(verdicts(check(true))).toBe("ok ok");
  expect(check()).toMatchObject([
    { verdict: "ok", text: "each row of the store can be read" },
    { verdict: "ok", text: "7 damaged rows are kept in the table quarantine" },
  ]);
});

test("tells of a damaged file, and that it is kept", () => {
  const folder = storeFolder();
  onTestFinished(() => folder.remove());
  folder.open().close();
  writeFileSync(folder.path, "garbage ".repeat(1000));
  const check = () => checkStore(folder.path, () => folder.open(), false);
  expect(check()).toMatchObject([
    { verdict: "warn", text: expect.stringContaining("nothing of it could be read") },
    { verdict: "ok" },
  ]);
  expect(check()).toMatchObject([
    {
      verdict: "warn",
      text: expect.stringMatching(/^a damaged store was replaced and is kept: .*damaged-\w+$/),
      remedy: "delete it when nothing is missing",
    },
    { verdict: "ok" },
  ]);
});

function programFolder() {
  const folder = mkdtempSync(join(tmpdir(), "doctor-"));
  const config = configIn(folder);
  const manifest = (name: string, command: string): void => {
    const place = join(folder, "config", "agents", name);
    mkdirSync(place, { recursive: true });
    const text = `custom-agent: 1\ndescription: x\ncommand: ${command}\ninput: { type: object }\noutput: { type: object }\n`;
    writeFileSync(join(place, "agent.yaml"), text);
  };
  const servers = (all: object): void => {
    mkdirSync(join(folder, "config"), { recursive: true });
    writeFileSync(join(folder, "config", "mcp.json"), JSON.stringify({ mcpServers: all }));
    chmodSync(join(folder, "config", "mcp.json"), 0o600);
  };
  const trust = programTrust(config, { models: [] });
  const trustAll = (...steps: readonly Parameters<typeof trust.refusal>[0][]): void => {
    for (const step of steps) {
      const request = trust.refusal(step)?.trust;
      if (request !== undefined) trust.give(request);
    }
  };
  return { folder, config, manifest, servers, trustAll };
}

test("agents of one's own are judged by manifest, trust and program; none is started", () => {
  const { folder, config, manifest, trustAll } = programFolder();
  manifest("good", `[sh, -c, "touch ${folder}/started"]`);
  manifest("absent", "[no-such-program-at-all]");
  manifest("fresh", `[sh, -ec, "touch ${folder}/started"]`);
  manifest("broken", "no list");
  const step = (name: string) => ({ agent: customAgentNameSchema.parse(name), input: {} });
  trustAll(step("good"), step("absent"));

  const findings = checkPrograms(config);
  const of = (name: string) => findings.find(({ text }) => text.includes(`agent ${name}`));
  expect(of("good")).toMatchObject({ verdict: "ok", text: expect.stringContaining("is trusted") });
  expect(of("absent")).toMatchObject({
    verdict: "fail",
    text: expect.stringContaining("no program"),
  });
  expect(of("fresh")).toMatchObject({
    verdict: "warn",
    remedy: expect.stringMatching(/aimie-console trust .*fresh\/agent\.yaml/),
  });
  expect(of("broken")).toMatchObject({
    verdict: "fail",
    text: expect.stringContaining("agent.yaml"),
  });
  expect(existsSync(join(folder, "started"))).toBe(false);
});

test("tool servers are judged by definition, trust and program; none is started", () => {
  const { folder, config, servers, trustAll } = programFolder();
  const touch = { command: "sh", args: ["-c", `touch ${folder}/started`] };
  const step = (name: string) => ({ agent: "mcp" as const, input: { tool: `${name}__x` } });
  expect(checkPrograms(config)).toEqual([]);
  servers({
    ...{ good: touch, fresh: { ...touch, cwd: "/" }, absent: { command: "/nowhere/at-all" } },
    ...{ far: { url: "http://127.0.0.1:1/mcp" }, lacking: { command: "$" + "{NOT_SET}" } },
  });
  trustAll(step("good"), step("absent"), step("far"));

  const findings = checkPrograms(config);
  expect(findings.map(({ verdict, text }) => `${verdict} ${text.split(" ")[2]}`)).toEqual([
    "ok good",
    "warn fresh",
    "fail absent:",
    "ok far",
    "fail lacking:",
  ]);
  expect(existsSync(join(folder, "started"))).toBe(false);
  chmodSync(join(folder, "config", "mcp.json"), 0o666);
  expect(checkPrograms(config)).toMatchObject([
    { verdict: "fail", remedy: expect.stringMatching(/chmod/) },
  ]);
});
