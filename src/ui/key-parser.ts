/**
 * Turns what a terminal sends into keys. Pure: the same characters give the same keys however they
 * are cut into chunks. A press or wheel of the mouse is a key with a place, the terminal's ground a
 * key with text, other reports are swallowed; a paste is one key with text.
 */

/** A key. `text` is what it types; null for keys that type nothing. */
export interface Key {
  readonly name: string;
  readonly text: string | null;
  /** Where the mouse was, counted from 0; only for keys of the mouse. */
  readonly at?: { readonly x: number; readonly y: number };
}

/** Longest escape sequence that is waited for. */
const MAXIMUM_SEQUENCE = 256;

/** Most characters of one paste that are kept. */
const MAXIMUM_PASTE = 100_000;

const ESC = "\u001B";
const PASTE_START = `${ESC}[200~`;
const PASTE_END = `${ESC}[201~`;

const FINALS: Readonly<Record<string, string>> = {
  A: "up",
  B: "down",
  C: "right",
  D: "left",
  F: "end",
  H: "home",
  P: "f1",
  Q: "f2",
  R: "f3",
  S: "f4",
  Z: "shift-tab",
};

const NUMBERED: Readonly<Record<string, string>> = {
  "1": "home",
  "2": "insert",
  "3": "delete",
  "4": "end",
  "5": "pageup",
  "6": "pagedown",
  "7": "home",
  "8": "end",
  "11": "f1",
  "12": "f2",
  "13": "f3",
  "14": "f4",
  "15": "f5",
  "17": "f6",
  "18": "f7",
  "19": "f8",
  "20": "f9",
  "21": "f10",
  "23": "f11",
  "24": "f12",
};

/** How much of the waiting text was understood, and what it means; undefined: wait for more. */
type Reading = { readonly length: number; readonly key: Key | null } | undefined;

/** Reads keys from chunks of characters. */
export class KeyParser {
  #waiting = "";
  #paste: string | null = null;

  /** Whether an unfinished sequence waits for its rest. */
  get pending(): boolean {
    return this.#waiting !== "" && this.#paste === null;
  }

  /** Takes a chunk in and gives the keys that are complete. */
  push(chunk: string): readonly Key[] {
    this.#waiting += chunk;
    const keys: Key[] = [];
    while (this.#waiting !== "") {
      if (this.#paste !== null) {
        const pasted = this.#readPaste();
        if (pasted === undefined) break;
        keys.push(pasted);
        continue;
      }
      if (this.#waiting.startsWith(PASTE_START)) {
        this.#waiting = this.#waiting.slice(PASTE_START.length);
        this.#paste = "";
        continue;
      }
      const reading = readOne(this.#waiting);
      if (reading === undefined) break;
      this.#waiting = this.#waiting.slice(reading.length);
      if (reading.key !== null) keys.push(reading.key);
    }
    return keys;
  }

  /** Gives up waiting: a lone ESC is the escape key, other unfinished sequences are dropped. */
  flush(): readonly Key[] {
    if (!this.pending) return [];
    const waiting = this.#waiting;
    this.#waiting = "";
    if (waiting === ESC) return [{ name: "escape", text: null }];
    return waiting.length === 2 ? [{ name: `alt-${waiting.slice(1)}`, text: null }] : [];
  }

  #readPaste(): Key | undefined {
    const collected: string = (this.#paste ?? "") + this.#waiting;
    const end = collected.indexOf(PASTE_END);
    if (end < 0) {
      const sure = Math.max(0, collected.length - PASTE_END.length);
      this.#paste = collected.slice(0, Math.min(sure, MAXIMUM_PASTE));
      this.#waiting = collected.slice(sure);
      // What waits is re-read with the next chunk; nothing more can be said now.
      return undefined;
    }
    this.#waiting = collected.slice(end + PASTE_END.length);
    this.#paste = null;
    return { name: "paste", text: collected.slice(0, Math.min(end, MAXIMUM_PASTE)) };
  }
}

function readOne(text: string): Reading {
  if (text.startsWith(ESC)) return readSequence(text);
  const code = text.codePointAt(0) ?? 0;
  if (code >= 0xd800 && code <= 0xdbff && text.length === 1) return undefined;
  const character = String.fromCodePoint(code);
  if (code >= 0x20 && code !== 0x7f) {
    return { length: character.length, key: { name: character, text: character } };
  }
  return { length: 1, key: { name: controlName(code), text: null } };
}

function controlName(code: number): string {
  if (code === 0x0d || code === 0x0a) return "enter";
  if (code === 0x09) return "tab";
  if (code === 0x7f || code === 0x08) return "backspace";
  if (code === 0) return "ctrl-space";
  return code <= 26 ? `ctrl-${String.fromCharCode(code + 96)}` : `ctrl-${code}`;
}

function readSequence(text: string): Reading {
  const second = text[1];
  if (second === undefined) return undefined;
  if (second === "[") return readControlSequence(text);
  if (second === "O") {
    const final = text[2];
    if (final === undefined) return undefined;
    return { length: 3, key: named(FINALS[final]) };
  }
  if ("]P_^X".includes(second)) return skipString(text);
  if (second === ESC) return { length: 1, key: { name: "escape", text: null } };
  const code = text.codePointAt(1) ?? 0;
  if (code >= 0xd800 && code <= 0xdbff && text.length === 2) return undefined;
  const character = String.fromCodePoint(code);
  return { length: 1 + character.length, key: { name: `alt-${character}`, text: null } };
}

/** CSI: parameters, intermediates and one final character. */
function readControlSequence(text: string): Reading {
  let end = 2;
  while (end < text.length && isBetween(text.charCodeAt(end), 0x20, 0x3f)) end += 1;
  if (end >= MAXIMUM_SEQUENCE) return { length: end, key: null };
  if (end >= text.length) return undefined;
  if (!isBetween(text.charCodeAt(end), 0x40, 0x7e)) return { length: end, key: null };
  const parameters = text.slice(2, end);
  const final = text.charAt(end);
  if (final === "M" && parameters === "") {
    // An old mouse report: three more characters follow.
    return text.length < end + 4 ? undefined : { length: end + 4, key: null };
  }
  return { length: end + 1, key: controlKey(parameters, final) };
}

function controlKey(parameters: string, final: string): Key | null {
  if (parameters.startsWith("<")) return mouseKey(parameters.slice(1), final);
  if (parameters !== "" && !isBetween(parameters.charCodeAt(0), 0x30, 0x39)) return null;
  const [number = "", modifiers = ""] = parameters.split(";");
  const name = final === "~" ? NUMBERED[number] : FINALS[final];
  // `CSI R` with two numbers and `CSI S` answer questions of the terminal kind.
  if (name === undefined || (final === "R" && number !== "1")) return null;
  return named(modifierPrefix(modifiers) + name);
}

const MOUSE_BUTTONS: Readonly<Record<number, string>> = {
  0: "click",
  64: "wheel-up",
  65: "wheel-down",
};

/** SGR reports: button, column and row from 1; `M` is a press, `m` a release. */
function mouseKey(parameters: string, final: string): Key | null {
  const [button = -1, column = 0, row = 0] = parameters.split(";").map(Number);
  const name = MOUSE_BUTTONS[button];
  if (final !== "M" || name === undefined || !(column >= 1 && row >= 1)) return null;
  return { name, text: null, at: { x: column - 1, y: row - 1 } };
}

function modifierPrefix(modifiers: string): string {
  const bits = Math.max(0, Number(modifiers || "1") - 1);
  const shift = bits & 1 ? "shift-" : "";
  const alt = bits & 2 ? "alt-" : "";
  const ctrl = bits & 4 ? "ctrl-" : "";
  return ctrl + alt + shift;
}

/** OSC, DCS and their kin: an answer of the terminal, up to BEL or ST. */
function skipString(text: string): Reading {
  const bell = text.indexOf("\u0007");
  const terminator = text.indexOf(`${ESC}\\`, 2);
  const ends = [bell < 0 ? Infinity : bell + 1, terminator < 0 ? Infinity : terminator + 2];
  const length = Math.min(...ends);
  if (length !== Infinity) return { length, key: groundKey(text.slice(0, length)) };
  return text.length >= MAXIMUM_SEQUENCE * 16 ? { length: text.length, key: null } : undefined;
}

/** The answer to the question for the ground: `ESC ] 11 ; rgb:… ST`. */
function groundKey(text: string): Key | null {
  const prefix = `${ESC}]11;`;
  if (!text.startsWith(prefix)) return null;
  const [answer = ""] = /^[a-z0-9:/]*/i.exec(text.slice(prefix.length)) ?? [];
  return { name: "ground", text: answer.slice(0, 64) };
}

function named(name: string | undefined): Key | null {
  return name === undefined ? null : { name, text: null };
}

function isBetween(code: number, first: number, last: number): boolean {
  return code >= first && code <= last;
}
