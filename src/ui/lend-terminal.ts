/**
 * Gives the whole terminal to an editor or the shell and takes it back: keys, mouse, screen, cursor.
 *
 * T1 Either the console has the keyboard or the other program; never both.
 * T2 Once the console has ended, nothing is taken back.
 */
import type { EditText } from "./edit-step.ts";
import type { FrameWriter } from "./frame-writer.ts";
import type { Key } from "./key-parser.ts";
import type { KeySource } from "./stdin-tap.ts";
import { tapStdin } from "./stdin-tap.ts";

const LEAVE_SCREEN = "\u001B[?1049l\u001B[?25h";
const ENTER_SCREEN = "\u001B[?1049h\u001B[?25l";

/** The terminal, and what it is asked to tell. */
export interface Terminal {
  readonly stdin: KeySource;
  readonly stdout: NodeJS.WriteStream;
  readonly mouse: boolean;
  readonly theme: string;
  readonly colour: string;
}

/** The keyboard of the console. */
export interface Keyboard {
  /** Listens; the keys go to `onKey`. */
  tap(onKey: (key: Key) => void): void;
  /** Stops listening until `resume`. */
  pause(): void;
  /** Listens again, after `enter`; does neither once the console has ended. */
  resume(enter: () => void): void;
  /** Gives the keyboard back for good; idempotent. */
  end(): void;
}

/** The keyboard of a terminal, not yet listened to. */
export function keyboardOf({ stdin, stdout, mouse, theme, colour }: Terminal): Keyboard {
  let onKey: (key: Key) => void = () => undefined;
  let untap = (): void => undefined;
  let over = false;
  const listen = (ground: boolean): void => {
    untap = tapStdin(stdin, stdout, { mouse, ground }, (key) => onKey(key));
  };
  return {
    tap(to) {
      onKey = to;
      listen(theme === "auto" && colour !== "none");
    },
    pause: () => untap(), // T1
    resume(enter) {
      if (over) return; // T2
      enter();
      listen(false);
    },
    end() {
      over = true;
      untap();
    },
  };
}

/** What has the whole terminal while it lasts, of what there is. */
export function lending(
  { stdout, editText, suspend }: Lent,
  writer: FrameWriter,
  keyboard: Keyboard,
): Required<Pick<Lent, "editText" | "suspend">> {
  const lend = async <Got>(work: () => Promise<Got>): Promise<Got> => {
    keyboard.pause();
    writer.lend();
    stdout.write(LEAVE_SCREEN);
    try {
      return await work();
    } finally {
      keyboard.resume(() => {
        stdout.write(ENTER_SCREEN);
        writer.takeBack();
      });
    }
  };
  return {
    editText: editText && ((text) => lend(() => editText(text))),
    suspend: suspend && (() => lend(suspend)),
  };
}

interface Lent {
  readonly stdout: NodeJS.WriteStream;
  readonly editText?: EditText | undefined;
  readonly suspend?: (() => Promise<void>) | undefined;
}
