/** What ioredis says when the connection, not the command, is at fault. */
const CONNECTION_PROBLEM =
  /^(Command timed out|Redis is away|Connection is closed\.?|Stream isn't writeable|Too many Cluster redirections|None of startup nodes|Failed to refresh slots|Cluster is ended)/;

/** What Redis says when it cannot do now what it can do later. */
const PASSING_REPLY =
  /^(LOADING|OOM|MISCONF|READONLY|CLUSTERDOWN|NOREPLICAS|MASTERDOWN|TRYAGAIN)\b/;

/** Whether the same may succeed later: nothing is wrong with what was asked. */
export function isPassingProblem(cause: unknown): boolean {
  return (
    isConnectionProblem(cause) || (cause instanceof Error && PASSING_REPLY.test(cause.message))
  );
}

/** Whether Redis could not be reached at all; who holds the connection is told of that as well. */
export function isConnectionProblem(cause: unknown): boolean {
  if (!(cause instanceof Error)) return false;
  if ("code" in cause && typeof cause.code === "string") return cause.code.startsWith("E");
  return CONNECTION_PROBLEM.test(cause.message);
}
