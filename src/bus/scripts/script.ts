/** A value a command answers inside a script: integers, strings, nil and nested lists. */
export type ScriptValue = string | number | null | readonly ScriptValue[];

/**
 * How a script reaches the keyspace: the counterpart of `redis.call` and `redis.pcall` in Lua.
 * `call` throws on an error reply, `pcall` swallows it and answers null.
 */
export interface ScriptCaller {
  call(command: string, ...args: readonly (string | number)[]): ScriptValue;
  pcall(command: string, ...args: readonly (string | number)[]): ScriptValue;
}

/**
 * One atomic transition of the bus, written twice: Lua for Redis and Valkey, the same procedure in
 * TypeScript for the embedded broker, which serves it under the SHA-1 of the Lua text. A
 * differential test plays the same random operations on both.
 */
export interface Script {
  readonly name: string;
  readonly lua: string;
  readonly twin: (
    redis: ScriptCaller,
    keys: readonly string[],
    argv: readonly string[],
  ) => ScriptValue;
}
