/** Numbers as people read them, in few columns. */

/** A length of time: `0.4s`, `12.3s`, `2m 05s`, `1h 07m`, `3d 04h`. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 59.95) return `${seconds.toFixed(1)}s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)}m ${twoDigits(whole % 60)}s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 1440) return `${Math.floor(minutes / 60)}h ${twoDigits(minutes % 60)}m`;
  return `${Math.floor(minutes / 1440)}d ${twoDigits(Math.floor(minutes / 60) % 24)}h`;
}

/** An age in whole units: `3s`, `12m`, `5h`, `2d`. */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

/** A size: `512 B`, `12.3 MB`. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit] ?? ""}`;
}

/** A number in about six significant digits, with thin grouping for large ones: `12 345.7`. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e9 || size < 1e-3)) return value.toExponential(3);
  const digits = size >= 1000 ? 1 : size >= 1 ? 3 : 4;
  const [whole = "0", fraction = ""] = value.toFixed(digits).split(".");
  const grouped = whole.replace(/(\d)(?=(\d{3})+$)/g, "$1 ");
  const trimmed = fraction.replace(/0+$/, "");
  return trimmed === "" ? grouped : `${grouped}.${trimmed}`;
}

/** A share of one: `42%`. */
export function formatPercent(share: number): string {
  return `${Math.round(share * 100)}%`;
}

/** The time of day in UTC-free local form: `14:03:07`. */
export function formatClock(at: number): string {
  const date = new Date(at);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(":");
}

/** The day and the time: `2026-11-22 14:03`. */
export function formatDay(at: number): string {
  const date = new Date(at);
  const day = [date.getFullYear(), twoDigits(date.getMonth() + 1), twoDigits(date.getDate())];
  return `${day.join("-")} ${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}

/** A bar of `width` columns, `fraction` of it filled. */
export function progressBar(fraction: number, width: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, fraction)) * width);
  return "█".repeat(filled) + "░".repeat(Math.max(0, width - filled));
}

/** Counts as a row of small bars, newest right. */
export function sparkline(counts: readonly number[], width: number): string {
  const shown = counts.slice(-width);
  const highest = Math.max(1, ...shown);
  const bars = shown.map((count) =>
    count === 0 ? "·" : ("▁▂▃▄▅▆▇█"[Math.min(7, Math.floor((count / highest) * 7.99))] ?? "█"),
  );
  return bars.join("").padStart(width, "·");
}
