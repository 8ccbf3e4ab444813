/** How long a run that has ended stays in Redis, seconds; the local store keeps it for good. */
export const KEPT_SECONDS = 30 * 86_400;
