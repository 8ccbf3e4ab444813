import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** A reply as it stood on the wire: its sign, and its text or its parts. */
export interface WireReply {
  readonly sign: string;
  readonly text?: string;
  readonly parts?: readonly WireReply[];
}

/** A client that hides nothing: bytes out, replies in the order of their arrival. */
export interface RespClient {
  /** Sends words as one command and takes the next reply. */
  command(...words: readonly string[]): Promise<WireReply>;
  /** Sends bytes (a latin1 string). */
  send(bytes: string): void;
  /** The next reply or push message; undefined once the server has closed. */
  next(): Promise<WireReply | undefined>;
  /** Reads nothing more. */
  pause(): void;
  close(): void;
}

/** Connects to a unix socket. */
export async function connectResp(path: string): Promise<RespClient> {
  const socket = connect(path);
  await once(socket, "connect");
  const replies = readReplies(socket);
  const next = async () => {
    const { value, done } = await replies.next();
    return done === true ? undefined : value;
  };
  const send = (bytes: string) => void socket.write(bytes, "latin1");
  return {
    send,
    next,
    async command(...words) {
      send(encodeCommand(words));
      const reply = await next();
      if (reply === undefined) throw new Error(`The server closed on ${words.join(" ")}`);
      return reply;
    },
    pause: () => void socket.pause(),
    close: () => socket.destroy(),
  };
}

/** The bytes of a command, as a latin1 string. */
export function encodeCommand(words: readonly string[]): string {
  const bytes = words.map((word) => Buffer.from(word, "utf8").toString("latin1"));
  return `*${bytes.length}\r\n${bytes.map((word) => `$${word.length}\r\n${word}\r\n`).join("")}`;
}

async function* readReplies(socket: Socket): AsyncGenerator<WireReply, undefined> {
  let text = "";
  socket.on("error", () => undefined);
  for await (const chunk of socket) {
    text += (chunk as Buffer).toString("latin1");
    for (let found = decode(text, 0); found !== undefined; found = decode(text, 0)) {
      yield found.reply;
      text = text.slice(found.end);
    }
  }
  return undefined;
}

/** The reply that bytes (a latin1 string) begin with. */
export function decodeReply(bytes: string): WireReply | undefined {
  return decode(bytes, 0)?.reply;
}

interface Decoded {
  readonly reply: WireReply;
  readonly end: number;
}

function decode(text: string, start: number): Decoded | undefined {
  const lineEnd = text.indexOf("\r\n", start);
  if (lineEnd < 0) return undefined;
  const sign = text.charAt(start);
  const line = text.slice(start + 1, lineEnd);
  const bodyStart = lineEnd + 2;
  if ("$=".includes(sign) && line !== "-1") {
    const end = bodyStart + Number(line);
    if (text.length < end + 2) return undefined;
    return { reply: { sign, text: text.slice(bodyStart, end) }, end: end + 2 };
  }
  if ("*~>%".includes(sign) && line !== "-1") {
    return decodeParts(text, bodyStart, sign, Number(line) * (sign === "%" ? 2 : 1));
  }
  return { reply: { sign, text: line }, end: bodyStart };
}

function decodeParts(
  text: string,
  start: number,
  sign: string,
  count: number,
): Decoded | undefined {
  const parts: WireReply[] = [];
  let end = start;
  while (parts.length < count) {
    const part = decode(text, end);
    if (part === undefined) return undefined;
    parts.push(part.reply);
    end = part.end;
  }
  return { reply: { sign, parts }, end };
}

/** A reply on one line, for comparing and for reading: `[$a :1 {…}]`. */
export function show(reply: WireReply | undefined): string {
  if (reply === undefined) return "closed";
  if (reply.parts === undefined) return `${reply.sign}${reply.text}`;
  return `${reply.sign}[${reply.parts.map(show).join(" ")}]`;
}
