interface CommandCounts {
  calls: number;
  rejected: number;
  failed: number;
}

/** What the broker has done so far; CONFIG RESETSTAT begins anew. */
export class Statistics {
  commands = 0;
  connections = 0;
  errors = 0;
  private readonly byCommand = new Map<string, CommandCounts>();
  private readonly byCode = new Map<string, number>();

  /** Counts a command that ran. */
  countCall(name: string): void {
    this.of(name).calls += 1;
  }

  /** Counts an error reply: `failed` while the command ran, `rejected` before. */
  countError(name: string, how: "rejected" | "failed", message: string): void {
    this.errors += 1;
    const code = message.split(" ", 1)[0] ?? "";
    this.byCode.set(code, (this.byCode.get(code) ?? 0) + 1);
    if (name !== "") this.of(name)[how] += 1;
  }

  /** The section `Commandstats` of INFO; times are not measured. */
  commandLines(): Readonly<Record<string, string>> {
    return Object.fromEntries(
      [...this.byCommand].map(([name, { calls, rejected, failed }]) => [
        `cmdstat_${name}`,
        `calls=${calls},usec=0,usec_per_call=0.00,rejected_calls=${rejected},failed_calls=${failed}`,
      ]),
    );
  }

  /** The section `Errorstats` of INFO. */
  errorLines(): Readonly<Record<string, string>> {
    return Object.fromEntries(
      [...this.byCode].map(([code, count]) => [`errorstat_${code}`, `count=${count}`]),
    );
  }

  /** Forgets all counts. */
  reset(): void {
    this.commands = 0;
    this.connections = 0;
    this.errors = 0;
    this.byCommand.clear();
    this.byCode.clear();
  }

  private of(name: string): CommandCounts {
    const known = this.byCommand.get(name);
    if (known !== undefined) return known;
    const fresh = { calls: 0, rejected: 0, failed: 0 };
    this.byCommand.set(name, fresh);
    return fresh;
  }
}
