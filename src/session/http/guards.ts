/**
 * What stands before the session API.
 *
 * G1 Only who has the token gets in; only the description of the API is open.
 * G2 A request must name a host that this server is: a page of another site that points its name
 *    here (DNS rebinding) does not. No request from a page of any site is answered: there is no
 *    CORS, and an Origin is refused.
 * G3 Body and rate are limited, also for those without a token.
 */
import type { MiddlewareHandler } from "hono";
import { bearerAuth } from "hono/bearer-auth";
import { bodyLimit } from "hono/body-limit";
import { RateLimiterMemory } from "rate-limiter-flexible";

/** Largest body of a request: as large as a message of the bus may be. */
const BODY_BYTES_MAX = 256 * 1024;

/** Requests per second, of all callers together. */
const REQUESTS_PER_SECOND = 100;

/** Who may come in. */
export interface GuardOptions {
  readonly token: string;
  /** The host names this server is known by, without a port. */
  readonly hosts: readonly string[];
  readonly requestsPerSecond?: number;
}

type Refusal = { readonly code: string; readonly message: string; readonly nextStep: string };

/** G2 */
export function hostGuard(hosts: readonly string[]): MiddlewareHandler {
  const known = new Set(hosts.map((host) => host.toLowerCase()));
  return async (context, next) => {
    const host = (context.req.header("host") ?? "").replace(/:\d+$/, "").toLowerCase();
    if (!known.has(host) || context.req.header("origin") !== undefined) {
      const refusal: Refusal = {
        code: "usage",
        message: "requests of web pages and for other hosts are not answered",
        nextStep: "call the address that aimie-console serve printed",
      };
      return context.json(refusal, 403);
    }
    return await next();
  };
}

/** G3 */
export function rateGuard(perSecond = REQUESTS_PER_SECOND): MiddlewareHandler {
  const limiter = new RateLimiterMemory({ points: perSecond, duration: 1 });
  return async (context, next) => {
    const spent = await limiter.consume("everybody").then(
      () => true,
      () => false,
    );
    if (spent) return await next();
    const refusal: Refusal = {
      code: "usage",
      message: `more than ${perSecond} requests in a second`,
      nextStep: "wait a second",
    };
    return context.json(refusal, 429, { "Retry-After": "1" });
  };
}

/** G1 */
export function tokenGuard(token: string): MiddlewareHandler {
  return bearerAuth({
    token,
    noAuthenticationHeader: { message: refusedToken() },
    invalidAuthenticationHeader: { message: refusedToken() },
    invalidToken: { message: refusedToken() },
  });
}

function refusedToken(): Refusal {
  return {
    code: "usage",
    message: "the token is missing or wrong",
    nextStep: "send Authorization: Bearer with the content of the token file",
  };
}

/** G3 */
export function sizeGuard(): MiddlewareHandler {
  return bodyLimit({
    maxSize: BODY_BYTES_MAX,
    onError: (context) => {
      const refusal: Refusal = {
        code: "usage",
        message: `the body is larger than ${BODY_BYTES_MAX / 1024} KiB`,
        nextStep: "send less",
      };
      return context.json(refusal, 413);
    },
  });
}
