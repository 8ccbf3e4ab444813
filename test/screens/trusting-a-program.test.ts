import { afterEach, describe, expect, test } from "vitest";
import type { IntentOutcome } from "../../src/console/intents.ts";
import type { MountedScreen } from "../support/mount-screen.ts";
import { mountScreen } from "../support/mount-screen.ts";

let screen: MountedScreen;
afterEach(() => screen.close());

const request = {
  kind: "model" as const,
  name: "reed-frost",
  title: "An epidemic in a household",
  command: 'python3 "{folder}/reed frost.py" --seed 1',
  folder: "/home/ada/models",
  files: ["reed-frost.yaml", "reed frost.py"],
  fingerprint: "f".repeat(64),
};

const untrusted: IntentOutcome = {
  ok: false,
  code: "usage",
  message: "it is not trusted",
  nextStep: "look at it",
  trust: request,
};

describe.each([
  [80, 24],
  [120, 40],
])("a program that is not trusted, on %i×%i", (columns, rows) => {
  test("is shown whole, and its run begins after a y", async () => {
    screen = await mountScreen({
      columns,
      rows,
      answer: ({ type }) => (type === "start-run" ? untrusted : { ok: true, runId: null }),
    });

    await screen.press("enter");
    expect(screen.text()).toContain("Run a program you have not trusted yet?");
    expect(screen.text()).toContain('python3 "{folder}/reed frost.py" --seed 1');
    expect(screen.text()).toContain("{folder} is /home/ada/models");
    expect(screen.text()).toContain("one of these changes: reed-frost.yaml");
    await screen.press("y");

    const [before] = screen.dispatched;
    expect(screen.dispatched).toEqual([
      { type: "start-run", flowName: "simulation-qna-viz", parameters: {} },
      {
        type: "trust-program",
        request: { kind: "model", name: "reed-frost", fingerprint: "f".repeat(64) },
        before,
      },
    ]);
    expect(screen.text()).not.toContain("not trusted yet");
  });

  test.each(["enter", "escape", "n"])("does not run after %s", async (key) => {
    screen = await mountScreen({ columns, rows, answer: () => untrusted });

    await screen.press("enter");
    expect(screen.text()).toContain("y trust it and go on");
    await screen.press(key);

    expect(screen.dispatched).toHaveLength(1);
    expect(screen.text()).not.toContain("not trusted yet");
  });
});

test("the question does not take the keys of a form that was opened meanwhile", async () => {
  let answer: (outcome: IntentOutcome) => void = () => undefined;
  const later = new Promise<IntentOutcome>((resolve) => {
    answer = resolve;
  });
  screen = await mountScreen({ answer: () => later });

  await screen.press("enter");
  await screen.act("new-run");
  answer(untrusted);
  await screen.press("y");

  expect(screen.text()).toContain("New run");
  expect(screen.dispatched).toHaveLength(1);
  expect(screen.text()).toContain("it is not trusted");
});

test("of a run that needs two programs each is asked about, and then the run begins", async () => {
  const server = {
    ...{ kind: "server" as const, name: "files", title: "a tool server", folder: null },
    ...{ command: "npx files /data", files: ["its definition in mcp.json"], fingerprint: "e" },
  };
  let asked = 0;
  screen = await mountScreen({
    answer: () => {
      asked += 1;
      if (asked === 1) return untrusted;
      return asked === 2 ? { ...untrusted, trust: server } : { ok: true, runId: null };
    },
  });

  await screen.press("enter");
  await screen.press("y");
  expect(screen.text()).toContain("npx files /data");
  expect(screen.text()).not.toContain("{folder}");
  await screen.press("y");

  const start = { type: "start-run", flowName: "simulation-qna-viz", parameters: {} };
  expect(screen.dispatched).toMatchObject([
    start,
    { type: "trust-program", request: { kind: "model" }, before: start },
    { type: "trust-program", request: { kind: "server", name: "files" }, before: start },
  ]);
  expect(screen.text()).not.toContain("not trusted yet");
});
