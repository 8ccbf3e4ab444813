/**
 * Stands between Ink and the terminal: writes only the rows that changed, at absolute places, in
 * one write. Ink's own relative moves go wrong when the terminal was resized in between.
 *
 * W1 A frame is recognised as an optional run of erasing sequences followed by text.
 * W2 A frame drawn for another size than the terminal's is kept back; a right one follows.
 * W3 After a resize or an erasure everything is drawn again.
 * W4 While the terminal is lent to another program no frame is drawn; afterwards everything is.
 * W5 Whatever is not a frame passes through unchanged.
 */

const SYNC_START = "\u001B[?2026h";
const SYNC_END = "\u001B[?2026l";
const CLEAR = "\u001B[H\u001B[J";

/** How long after a resize the last frame is drawn again if no new one came. */
const REPAINT_MS = 40;

/** Cursor moves and erasures; colours end in `m` and belong to the frame. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it recognises escape sequences.
const ERASURES = /^(?:\u001B\[[\d;]*[A-HJK])+/;

/** A terminal's output that draws frames well. */
export interface FrameWriter {
  /** To be given to Ink as its standard output. */
  readonly stream: NodeJS.WriteStream;
  /** Draws nothing until `takeBack`. */
  lend(): void;
  /** Draws the last frame anew and goes on. */
  takeBack(): void;
  /** Stops watching for resizes. */
  stop(): void;
}

/** Makes a frame writer; `fits` tells whether the screen was laid out for the present size. */
export function frameWriter(stdout: NodeJS.WriteStream, fits: () => boolean): FrameWriter {
  let drawn: readonly string[] | null = null;
  let latest = "";
  let lent = false;
  let timer: NodeJS.Timeout | undefined;
  const drawFrame = (frame: string): void => {
    latest = frame;
    if (lent || !fits()) return; // W2, W4
    const rows = frame.replace(/\n$/, "").split("\n").slice(0, stdout.rows);
    const before = drawn;
    drawn = rows;
    const changes = rows.map((row, index) => {
      if (before === null) return row === "" ? "" : `\u001B[${index + 1};1H${row}`;
      return before[index] === row ? "" : `\u001B[${index + 1};1H\u001B[2K${row}`;
    });
    const text = (before === null ? CLEAR : "") + changes.join(""); // W3
    if (text !== "") stdout.write(SYNC_START + text + SYNC_END);
  };
  const onResize = (): void => {
    drawn = null;
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (drawn === null && latest !== "") drawFrame(latest);
    }, REPAINT_MS);
  };
  stdout.prependListener("resize", onResize);
  const write = (data: unknown, ...rest: readonly unknown[]): boolean => {
    const frame = typeof data === "string" ? frameOf(data) : undefined;
    if (frame === undefined) return passThrough(stdout, data, rest); // W5
    if (frame === "") drawn = null;
    else drawFrame(frame);
    for (const callback of rest) if (typeof callback === "function") callback();
    return true;
  };
  const stream = new Proxy(stdout, {
    get(target, property) {
      if (property === "write") return write;
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return {
    stream,
    lend() {
      lent = true;
    },
    takeBack() {
      lent = false;
      drawn = null;
      drawFrame(latest);
    },
    stop() {
      clearTimeout(timer);
      stdout.off("resize", onResize);
    },
  };
}

/** The frame in what Ink writes: empty when it only erases, undefined when it is none (W1). */
function frameOf(text: string): string | undefined {
  if (text === "") return undefined;
  const frame = text.replace(ERASURES, "");
  return frame.startsWith("\u001B[?") || frame.startsWith("\u001B]") ? undefined : frame;
}

function passThrough(stdout: NodeJS.WriteStream, data: unknown, rest: readonly unknown[]): boolean {
  return Reflect.apply(stdout.write, stdout, [data, ...rest]) === true;
}
