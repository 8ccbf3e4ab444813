/**
 * How often a law of the pure cores is tried: `count` times, or a share of it where the tests run
 * once for every change a mutation test makes (vitest.mutate.config.ts).
 */
export function propertyRuns(count: number): number {
  const share = Number(process.env["AIMIE_PROPERTY_SHARE"] ?? 1);
  return Math.max(1, Math.round(count * share));
}
