import { expect, test } from "vitest";
import { BusHealth } from "../../src/console/bus-health.ts";

test("counts what went wrong, each kind by itself", () => {
  const health = new BusHealth(1000);
  health.countGap();
  health.countIgnored("late");
  health.countIgnored("unknown"); // Nobody waits for it any more: as good as late.
  health.countIgnored("duplicate");
  expect(health.view()).toMatchObject({ gaps: 1, late: 2, duplicate: 1 });
});

test("remembers since when the bus is as it is", () => {
  const health = new BusHealth(1000);
  health.become("disconnected", 2000);
  health.become("disconnected", 3000);
  expect(health.view()).toMatchObject({ health: "disconnected", healthSince: 2000 });
});
