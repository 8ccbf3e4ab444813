/** Where Redis is: parsed from what the user gave, and shown without its secrets. */
import type { Result } from "../base/result.ts";
import { err, ok } from "../base/result.ts";

/** How to reach a bus. `url` may hold a password: never print it, never put it in argv. */
export type BusAddress =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "single"; readonly url: string }
  | { readonly kind: "sentinel"; readonly url: string }
  | { readonly kind: "cluster"; readonly url: string };

const KINDS: Readonly<Record<string, "single" | "sentinel" | "cluster">> = {
  "redis:": "single",
  "rediss:": "single",
  "redis-sentinel:": "sentinel",
  "redis-cluster:": "cluster",
  "rediss-cluster:": "cluster",
};

const FORMS =
  "redis://[user:password@]host:port, rediss://…, unix:/path/to.sock, " +
  "redis-cluster://host:port,host:port or redis-sentinel://host:port,host:port/master-name";

/** Reads an address; the error names the forms that are understood. */
export function parseBusAddress(text: string): Result<BusAddress, string> {
  if (text.startsWith("unix:")) {
    const path = text.slice("unix:".length).replace(/^\/\//, "");
    return path.startsWith("/") ? ok({ kind: "unix", path }) : err(`unix: needs a full path`);
  }
  if (text.startsWith("/")) return ok({ kind: "unix", path: text });
  const scheme = /^([a-z-]+:)\/\/[^/]+/.exec(text)?.[1];
  const kind = scheme === undefined ? undefined : KINDS[scheme];
  if (kind === undefined) return err(`not an address of Redis; write ${FORMS}`);
  const valid = kind === "single" ? URL.canParse(text) : namesHosts(text);
  return valid ? ok({ kind, url: text }) : err(`not a valid URL; write ${FORMS}`);
}

function namesHosts(url: string): boolean {
  try {
    return splitHosts(url).hosts.every(
      ({ host, port }) => host !== "" && port > 0 && port < 65_536,
    );
  } catch {
    return false; // Its credentials are not well encoded.
  }
}

/** The address for people: the password, and a user's name that could be a token, are masked. */
export function maskAddress(address: BusAddress): string {
  if (address.kind === "unix") return `unix:${address.path}`;
  return maskUrl(address.url);
}

/**
 * Replaces the credentials of a URL by `***`: all before its last `@`, as a password may hold any
 * character when it was not encoded, and all options after `?`, where one may stand too.
 */
export function maskUrl(url: string): string {
  return url.replace(/^([a-z-]+:\/\/).*@/s, "$1***@").replace(/^([a-z-]+:\/\/[^?]*\?).*/s, "$1***");
}

/** The hosts of `scheme://user:password@a:1,b:2/name`, with what stands around them. */
export function splitHosts(url: string): {
  readonly hosts: readonly { readonly host: string; readonly port: number }[];
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly name: string;
} {
  const match = /^[a-z-]+:\/\/(?:([^:@/]*)(?::([^@/]*))?@)?([^/]*)(?:\/(.*))?$/.exec(url);
  const decode = (text: string | undefined): string | undefined =>
    text === undefined || text === "" ? undefined : decodeURIComponent(text);
  return {
    hosts: (match?.[3] ?? "").split(",").map((part) => {
      const [, address, name, port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(.*))?$/.exec(part) ?? [];
      return { host: address ?? name ?? "", port: Number(port ?? 6379) };
    }),
    username: decode(match?.[1]),
    password: decode(match?.[2]),
    name: match?.[4] ?? "",
  };
}
