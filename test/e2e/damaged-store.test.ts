/** A session store that was damaged behind the product's back, as its users meet it. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Place } from "../support/product.ts";
import { newPlace, parseRun, runProduct } from "../support/product.ts";
import { tamper } from "../support/session-fixtures.ts";

const PAGE = 4096;

const storeOf = (place: Place): string => join(place.state, "sessions.db");

test("rows that cannot be read are named, left out and set aside, and the run comes back", async () => {
  const place = newPlace();
  expect((await runProduct(place, ["up", "--detach"])).code).toBe(0);
  expect((await runProduct(place, ["run"])).code).toBe(0);
  tamper(
    storeOf(place),
    "UPDATE run_events SET json = '{' WHERE seq = 3; UPDATE log_lines SET at = 'x'",
  );

  const events = await runProduct(place, ["events", "@latest"]);
  expect(events.code).toBe(0);
  expect(events.stderr).toMatch(/a row of run_events cannot be read and is left out: \w+\/3: not/);

  const found = await runProduct(place, ["doctor"]);
  expect(found.stdout).toMatch(/! warn {2}sessions {3}\d+ rows cannot be read: run_events \w+\/3/);
  const mended = await runProduct(place, ["doctor", "--fix"]);
  expect(mended.stdout).toMatch(/set aside, so that intact copies take their places/);

  // The bus has the event: the next look brings it back.
  const shown = await runProduct(place, ["show", "@latest", "--output", "json"]);
  expect(shown.stderr).toBe("");
  expect(parseRun(shown.stdout).run.status).toBe("succeeded");
  const whole = await runProduct(place, ["events", "@latest"]);
  expect(whole).toMatchObject({ code: 0, stderr: "" });
  expect((await runProduct(place, ["down"])).code).toBe(0);
});

test("a file with a damaged page is replaced by what can be read of it, and kept", async () => {
  const place = newPlace();
  expect((await runProduct(place, ["run", "--session", "Epidemics"])).code).toBe(0);
  const bytes = readFileSync(storeOf(place));
  const page = Math.floor(bytes.indexOf("session-created") / PAGE);
  bytes.fill(0x5a, page * PAGE, (page + 1) * PAGE);
  writeFileSync(storeOf(place), bytes);

  const shown = await runProduct(place, ["show", "@latest", "--output", "json"]);
  expect(shown.code).toBe(0);
  expect(shown.stderr).toMatch(
    /the session store \S+ was damaged .*; kept as .*damaged-\w+; taken over from it: 0 entries, 4 events/,
  );
  expect(parseRun(shown.stdout).run.status).toBe("succeeded");
  const kept = readdirSync(place.state).filter((name) => name.includes("damaged"));
  expect(kept).toHaveLength(1);
  expect(readFileSync(join(place.state, kept[0] ?? ""))).toEqual(bytes);

  const again = await runProduct(place, ["doctor"]);
  expect(again.stdout).toMatch(/a damaged store was replaced and is kept: .*damaged-/);
});
