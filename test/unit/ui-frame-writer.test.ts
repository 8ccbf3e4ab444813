import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { frameWriter } from "../../src/ui/frame-writer.ts";

function setUp(fits: () => boolean = () => true) {
  const written: string[] = [];
  const stdout = Object.assign(new EventEmitter(), {
    columns: 10,
    rows: 3,
    isTTY: true,
    write(text: string) {
      written.push(text);
      return true;
    },
  }) as unknown as NodeJS.WriteStream;
  return { written, stdout, ...frameWriter(stdout, fits) };
}

test("writes only the rows that changed, in one go", () => {
  const { written, draw } = setUp();

  draw(["one", "two", "three"]);
  draw(["one", "TWO", "three"]);

  expect(written).toHaveLength(2);
  expect(written[1]).toBe("\u001B[?2026h\u001B[2;1HTWO\u001B[?2026l");
});

test("never writes below the last row", () => {
  const { written, draw } = setUp();

  draw(["1", "2", "3", "4", "5"]);

  expect(written.join("")).not.toContain("4");
});

test("draws everything again after a resize, also when no new frame comes", async () => {
  const { written, stdout, draw, stop } = setUp();

  draw(["one", "two"]);
  stdout.emit("resize");
  await new Promise((resolve) => setTimeout(resolve, 80));
  stop();

  expect(written[1]).toContain("one");
  expect(stdout.listenerCount("resize")).toBe(0);
});

test("keeps a frame back that was drawn for another size", () => {
  let fits = false;
  const { written, draw } = setUp(() => fits);

  draw(["stale"]);
  fits = true;
  draw(["right"]);

  expect(written).toHaveLength(1);
  expect(written[0]).toContain("right");
});

test("passes on what Ink writes besides frames, and calls back for all of it", () => {
  const { written, stream } = setUp();
  let called = 0;

  stream.write("\u001B[?1049h");
  stream.write("", () => {
    called += 1;
  });
  stream.write("frame", () => {
    called += 1;
  });

  expect(written).toEqual(["\u001B[?1049h", ""]);
  expect(called).toBe(1);
});

test("erases blanks at the end of a row instead of writing them", () => {
  const { written, draw } = setUp();

  draw(["one   ", "      ", "three"]);

  expect(written[0]).toContain("\u001B[1;1Hone\u001B[K\u001B[2;1H\u001B[K\u001B[3;1Hthree");
});

test("draws nothing once the alternate screen has been left", () => {
  const { written, draw, stream } = setUp();

  draw(["one"]);
  stream.write("\u001B[?1049l");
  draw([""]);

  expect(written.at(-1)).toBe("\u001B[?1049l");
});
