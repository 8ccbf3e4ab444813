/** One configured value and where it came from. */

/** A value with its source, such as `flag --theme` or a path. */
export interface Setting<Value> {
  readonly value: Value;
  readonly source: string;
}

/** The places a value may come from; undefined where it was not given. */
export interface Candidates<Value> {
  readonly flag?: Value | undefined;
  readonly env?: Value | undefined;
  readonly file?: Value | undefined;
}

/** How the places are called in messages. */
export interface Places {
  /** Whether a variable stands in the environment itself or in `.env`. */
  variable(name: string): string;
  readonly file: string;
}

/** The value that wins: flag over environment over file over default. */
export function pickSetting<Value>(
  { flag, env, file }: Candidates<Value>,
  fallback: Value,
  names: { readonly flag: string; readonly variable: string; readonly places: Places },
): Setting<Value> {
  if (flag !== undefined) return { value: flag, source: `flag --${names.flag}` };
  if (env !== undefined) return { value: env, source: names.places.variable(names.variable) };
  if (file !== undefined) return { value: file, source: names.places.file };
  return { value: fallback, source: "default" };
}
