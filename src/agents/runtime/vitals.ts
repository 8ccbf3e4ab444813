/** What a process can tell of itself: memory, processor time, age. */
export interface Vitals {
  readonly uptimeMs: number;
  readonly rssBytes: number;
  /** Processor time since the last reading as a share of one core. */
  readonly cpuShare: number;
}

/** A reader of this process's vitals; each reading covers the time since the one before. */
export function openVitals(): () => Vitals {
  let usage = process.cpuUsage();
  let readAt = performance.now();
  return () => {
    const used = process.cpuUsage(usage);
    const elapsedMs = Math.max(1, performance.now() - readAt);
    usage = process.cpuUsage();
    readAt = performance.now();
    return {
      uptimeMs: process.uptime() * 1000,
      rssBytes: process.memoryUsage.rss(),
      cpuShare: (used.user + used.system) / 1000 / elapsedMs,
    };
  };
}
