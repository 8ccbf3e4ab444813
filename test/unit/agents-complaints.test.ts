import { expect, test } from "vitest";
import type { Complaints } from "../../src/agents/runtime/complaints.ts";
import { openComplaints } from "../../src/agents/runtime/complaints.ts";

const away = new Error("Connection is closed.");
const full = new Error("OOM command not allowed");

/** Complaints whose time goes on a second at each, and what was told of them. */
function listen(): Complaints & { readonly told: string[] } {
  const told: string[] = [];
  let seconds = 0;
  const complaints = openComplaints(
    (level, text) => void told.push(`${level}: ${text}`),
    () => {
      seconds += 1;
      return seconds * 1000;
    },
  );
  return { ...complaints, told };
}

test("that Redis is away is told once, and again when it was back meanwhile", () => {
  const { complain, answered, told } = listen();
  for (let times = 0; times < 20; times += 1) complain(away);
  expect(told).toEqual(["info: Connection is closed."]);
  answered();
  for (let times = 0; times < 20; times += 1) complain(away);
  expect(told).toEqual(["info: Connection is closed.", "info: Connection is closed."]);
});

test("a problem that lasts is told every five seconds, whether Redis answers or not", () => {
  const { complain, answered, told } = listen();
  for (let times = 0; times < 11; times += 1) {
    complain(full);
    answered();
  }
  expect(told).toHaveLength(3);
});

test("another problem is told at once", () => {
  const { complain, told } = listen();
  complain(full);
  complain(away);
  complain(full);
  expect(told.map((text) => text.slice(0, 8))).toEqual(["warning:", "info: Co", "warning:"]);
});
