/**
 * Draws frames on the terminal: only the rows that changed, at absolute places, in one write.
 *
 * W1 Ink has no texts to draw here: what it writes as a frame, an optional run of erasing sequences
 *    followed by text, is left out.
 * W2 A frame for another size than the terminal's is kept back; a right one follows.
 * W3 After a resize everything is drawn again.
 * W4 While the terminal is lent to another program no frame is drawn; afterwards everything is.
 * W5 Whatever else Ink writes passes through unchanged.
 * W6 Once Ink has left the alternate screen nothing is drawn: the rows are the shell's again.
 */

const SYNC_START = "\u001B[?2026h";
const SYNC_END = "\u001B[?2026l";
const LEAVE_SCREEN = "\u001B[?1049l";
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
  /** Draws a frame, given as the rows of the screen. */
  draw(rows: readonly string[]): void;
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
  let latest: readonly string[] | null = null;
  let lent = false;
  let hasLeft = false;
  let timer: NodeJS.Timeout | undefined;
  const draw = (frame: readonly string[]): void => {
    latest = frame;
    if (hasLeft || lent || !fits()) return; // W2, W4, W6
    const rows = frame.slice(0, stdout.rows);
    const before = drawn;
    drawn = rows;
    const changes = rows.map((row, index) => {
      return before?.[index] === row ? "" : `\u001B[${index + 1};1H${withoutBlanks(row)}`;
    });
    const text = (before === null ? CLEAR : "") + changes.join(""); // W3
    if (text !== "") stdout.write(SYNC_START + text + SYNC_END);
  };
  const onResize = (): void => {
    drawn = null;
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (drawn === null && latest !== null) draw(latest);
    }, REPAINT_MS);
  };
  stdout.prependListener("resize", onResize);
  const write = (data: unknown, ...rest: readonly unknown[]): boolean => {
    if (typeof data === "string" && data.includes(LEAVE_SCREEN)) hasLeft = true;
    if (typeof data !== "string" || !isFrame(data)) return passThrough(stdout, data, rest); // W5
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
    draw,
    lend() {
      lent = true;
    },
    takeBack() {
      lent = false;
      drawn = null;
      if (latest !== null) draw(latest);
    },
    stop() {
      clearTimeout(timer);
      stdout.off("resize", onResize);
    },
  };
}

/** Blanks at the end are erased instead of written, so that copying a row does not copy them. */
function withoutBlanks(row: string): string {
  const text = row.replace(/ +$/, "");
  return text === row ? row : `${text}\u001B[K`;
}

/** W1 */
function isFrame(text: string): boolean {
  if (text === "") return false;
  const frame = text.replace(ERASURES, "");
  return !frame.startsWith("\u001B[?") && !frame.startsWith("\u001B]");
}

function passThrough(stdout: NodeJS.WriteStream, data: unknown, rest: readonly unknown[]): boolean {
  return Reflect.apply(stdout.write, stdout, [data, ...rest]) === true;
}
