/** The story of examples/regression.sh, by keys: run, change a parameter, fork, see what differs. */
import { expect, test } from "vitest";
import { openConsole } from "../support/console-on-terminal.ts";
import { newPlace } from "../support/product.ts";
import { waitUntil } from "../support/wait-until.ts";

test("a changed parameter is seen to move the peak, in numbers and in one chart", async () => {
  const screen = openConsole(newPlace());
  await screen.sees(/workers ready 4\/4/);

  screen.press("\r");
  await screen.sees(/simulation-qna-viz · sir .*✓ succeeded/);
  const first = /sir {2}(\S+)/.exec(screen.text())?.[1];

  screen.press("E");
  await screen.sees(/Other parameters/);
  screen.press("\u001B[B");
  await screen.sees(/parameters +› /);
  screen.press("contact_rate=10");
  await screen.sees(/Done again: simulation, qna, viz/);
  screen.press("\r");
  await screen.sees(/Fork a run/);
  screen.press("\r");
  await waitUntil("the fork has succeeded", () => {
    const [head = ""] = screen.text().split("\n");
    return head.includes("✓ succeeded") && !head.includes(first ?? "?");
  });

  screen.press("d");
  await screen.sees(new RegExp(`A ${first} .*✓ succeeded`));
  await screen.sees(/contact_rate +– +10/);
  await screen.sees(/variables\[infectious\]\.maximum +2,189\.72 +3,007\.89 +\+37\.36%/);
  screen.press("\t");
  await screen.sees(/infectious A/);
  await screen.sees(/infectious B/);
  expect(screen.text()).toMatch(/[⠁-⣿]{3}/);

  screen.press("\u001B");
  await waitUntil("the window is closed", () => !screen.text().includes("infectious B"));
  screen.press("q");
  expect(await screen.ended).toBe(0);
}, 180_000);
