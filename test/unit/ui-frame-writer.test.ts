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
  const { stream, stop } = frameWriter(stdout, fits);
  return { written, stdout, stream, stop };
}

test("writes only the rows that changed, in one go", () => {
  const { written, stream } = setUp();

  stream.write("one\ntwo\nthree");
  stream.write("\u001B[2K\u001B[1A\u001B[2K\u001B[Gone\nTWO\nthree");

  expect(written).toHaveLength(2);
  expect(written[1]).toBe("\u001B[?2026h\u001B[2;1H\u001B[2KTWO\u001B[?2026l");
});

test("never writes below the last row", () => {
  const { written, stream } = setUp();

  stream.write("1\n2\n3\n4\n5");

  expect(written.join("")).not.toContain("4");
});

test("draws everything again after a resize, also when no new frame comes", async () => {
  const { written, stdout, stream, stop } = setUp();

  stream.write("one\ntwo");
  stdout.emit("resize");
  await new Promise((resolve) => setTimeout(resolve, 80));
  stop();

  expect(written[1]).toContain("one");
  expect(stdout.listenerCount("resize")).toBe(0);
});

test("keeps a frame back that was drawn for another size", () => {
  let fits = false;
  const { written, stream } = setUp(() => fits);

  stream.write("stale");
  fits = true;
  stream.write("right");

  expect(written).toHaveLength(1);
  expect(written[0]).toContain("right");
});

test("passes everything else through and calls back", () => {
  const { written, stream } = setUp();
  let called = 0;

  stream.write("\u001B[?1049h");
  stream.write("", () => {
    called += 1;
  });
  stream.write("frame", () => {
    called += 1;
  });

  expect(written[0]).toBe("\u001B[?1049h");
  expect(called).toBe(1);
});
