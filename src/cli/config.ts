/**
 * The effective configuration: flags over environment over file over defaults, each value with
 * where it came from. The only reader of the environment.
 */
import { existsSync, readFileSync } from "node:fs";
import { homedir, hostname } from "node:os";
import { join, resolve } from "node:path";
import { parseEnv } from "node:util";
import { parse as parseYaml } from "yaml";
import { z } from "zod";
import { errorMessage } from "../base/error-message.ts";
import { OperatorError } from "../base/operator-error.ts";
import { maskUrl } from "../bus/address.ts";
import { DEFAULT_NAMESPACE, NAMESPACE_PATTERN } from "../protocol/names.ts";
import { describeIssues } from "../protocol/parse-message.ts";
import type { CrewSizes } from "./crew-sizes.ts";
import { crewSizesSchema, writeCrewSizes } from "./crew-sizes.ts";
import type { CommonFlags } from "./flag.ts";
import type { ScreenSettings } from "./screen-settings.ts";
import { readScreenSettings, SCREEN_FILE_SHAPE, SCREEN_VARIABLES } from "./screen-settings.ts";
import type { Places, Setting } from "./setting.ts";
import { pickSetting } from "./setting.ts";

/** Everything that can be configured. */
export interface Config {
  readonly redis: Setting<string | undefined>;
  readonly broker: Setting<"auto" | "redis" | "embedded">;
  readonly fsync: Setting<"everysec" | "always">;
  readonly namespace: Setting<string>;
  readonly agents: Setting<"auto" | "own" | "none">;
  readonly session: Setting<string | undefined>;
  readonly lease: Setting<number>;
  /** How many workers of each agent are started: `simulation=2,qna=1`. */
  readonly workers: Setting<CrewSizes>;
  readonly stateFolder: Setting<string>;
  readonly cacheFolder: Setting<string>;
  readonly configFolder: Setting<string>;
  readonly screen: ScreenSettings;
  readonly environment: EnvironmentFacts;
}

/** What the surroundings say, for those who may not ask them. */
export interface EnvironmentFacts {
  readonly searchPath: string;
  readonly host: string;
  readonly noColour: boolean;
  readonly colourTerm: string;
  readonly term: string;
  /** What text is written in, as far as the environment tells. */
  readonly locale: string;
  /** What a worker's environment holds: no secrets, nothing it does not need. */
  readonly forWorkers: Readonly<Record<string, string>>;
}

const fileSchema = z.strictObject({
  redis: z.string().optional(),
  broker: z.enum(["auto", "redis", "embedded"]).optional(),
  fsync: z.enum(["everysec", "always"]).optional(),
  namespace: z.string().optional(),
  agents: z.enum(["auto", "own", "none"]).optional(),
  session: z.string().optional(),
  lease: z.number().positive().optional(),
  ...SCREEN_FILE_SHAPE,
  workers: crewSizesSchema.optional(),
});

const environmentSchema = z.object({
  AIMIE_REDIS_URL: z.string().min(1).optional(),
  AIMIE_BROKER: z.enum(["auto", "redis", "embedded"]).optional(),
  AIMIE_FSYNC: z.enum(["everysec", "always"]).optional(),
  AIMIE_NAMESPACE: z.string().min(1).optional(),
  AIMIE_AGENTS: z.enum(["auto", "own", "none"]).optional(),
  AIMIE_SESSION: z.string().min(1).optional(),
  AIMIE_LEASE_MS: z.coerce.number().positive().optional(),
  ...SCREEN_VARIABLES,
  AIMIE_WORKERS: crewSizesSchema.optional(),
});

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the configuration.
 * @throws OperatorError `usage` for a value that cannot be used, with its source.
 */
export function readConfig(flags: CommonFlags): Config {
  const own: Environment = process.env;
  const file = readDotEnv(".env");
  const environment = { ...file, ...own };
  const folders = readFolders(environment, own);
  const configPath = join(folders.configFolder.value, "config.yaml");
  const fromFile = readConfigFile(configPath);
  const variables = readVariables(environment);
  const places: Places = {
    variable: (name) => (own[name] === undefined ? ".env" : `env ${name}`),
    file: configPath,
  };
  const pick = <Value>(
    name: string,
    [flag, env, stored]: readonly [Value | undefined, Value | undefined, Value | undefined],
    fallback: Value,
    variable: string,
  ): Setting<Value> =>
    pickSetting({ flag, env, file: stored }, fallback, { flag: name, variable, places });
  const namespace = pick(
    "namespace",
    [flags.namespace, variables.AIMIE_NAMESPACE, fromFile.namespace],
    DEFAULT_NAMESPACE,
    "AIMIE_NAMESPACE",
  );
  checkNamespace(namespace);
  return {
    redis: pick<string | undefined>(
      "redis",
      [flags.redis, variables.AIMIE_REDIS_URL, fromFile.redis],
      undefined,
      "AIMIE_REDIS_URL",
    ),
    broker: pick(
      "broker",
      [flags.broker, variables.AIMIE_BROKER, fromFile.broker],
      "auto",
      "AIMIE_BROKER",
    ),
    fsync: pick(
      "fsync",
      [flags.fsync, variables.AIMIE_FSYNC, fromFile.fsync],
      "everysec",
      "AIMIE_FSYNC",
    ),
    namespace,
    agents: pick(
      "agents",
      [flags.agents, variables.AIMIE_AGENTS, fromFile.agents],
      "auto",
      "AIMIE_AGENTS",
    ),
    session: pick<string | undefined>(
      "session",
      [flags.session, variables.AIMIE_SESSION, fromFile.session],
      undefined,
      "AIMIE_SESSION",
    ),
    lease: pick(
      "lease",
      [undefined, variables.AIMIE_LEASE_MS, fromFile.lease],
      30_000,
      "AIMIE_LEASE_MS",
    ),
    workers: pick<CrewSizes>(
      "workers",
      [flags.workers, variables.AIMIE_WORKERS, fromFile.workers],
      {},
      "AIMIE_WORKERS",
    ),
    ...folders,
    screen: readScreenSettings({ variables, file: fromFile, places }),
    environment: readFacts(environment),
  };
}

/** This process's environment with some variables changed, for a process that follows it. */
export function environmentWith(change: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return { ...process.env, ...change };
}

function readVariables(environment: Environment): z.infer<typeof environmentSchema> {
  const parsed = environmentSchema.safeParse(dropEmpty(environment));
  if (parsed.success) return parsed.data;
  throw usage(describeIssues(parsed.error), "correct the environment or .env");
}

function checkNamespace({ value, source }: Setting<string>): void {
  if (NAMESPACE_PATTERN.test(value)) return;
  throw usage(
    `the namespace "${value}" (${source}) cannot be used`,
    "use letters, digits, dashes and underscores, 40 at most",
  );
}

/** The settings for people: name, value (secrets masked), source. */
export function describeConfig(
  config: Config,
): readonly { readonly name: string; readonly value: string; readonly source: string }[] {
  const { environment: _, screen, ...settings } = config;
  return Object.entries({ ...settings, ...screen }).map(([name, { value, source }]) => ({
    name,
    value: describe(name, value),
    source,
  }));
}

function describe(name: string, value: unknown): string {
  if (name === "workers") return writeCrewSizes(value as CrewSizes) || "1 of each";
  return value === undefined ? "(none)" : maskUrl(describeValue(value));
}

function describeValue(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.length === 0 ? "off" : value.join(",");
  return JSON.stringify(value);
}

function readFolders(
  environment: Environment,
  own: Environment,
): Pick<Config, "stateFolder" | "cacheFolder" | "configFolder"> {
  const given = environment["HOME"] ?? "";
  const home = given.startsWith("/") ? given : homedir();
  const folder = (variable: string, fallback: string): Setting<string> => {
    const base = environment[variable];
    // The XDG specification says that a relative path is to be ignored.
    const valid = base !== undefined && /^\//.test(base);
    return {
      value: join(valid ? base : join(home, fallback), "aimie-console"),
      source: valid ? (own[variable] === undefined ? ".env" : `env ${variable}`) : "default",
    };
  };
  return {
    stateFolder: folder("XDG_STATE_HOME", ".local/state"),
    cacheFolder: folder("XDG_CACHE_HOME", ".cache"),
    configFolder: folder("XDG_CONFIG_HOME", ".config"),
  };
}

function readFacts(environment: Environment): EnvironmentFacts {
  return {
    searchPath: environment["PATH"] ?? "",
    host:
      hostname()
        .replace(/[^A-Za-z0-9_.-]/g, "-")
        .slice(0, 60) || "localhost",
    noColour: (environment["NO_COLOR"] ?? "") !== "",
    colourTerm: environment["COLORTERM"] ?? "",
    term: environment["TERM"] ?? "",
    locale: environment["LC_ALL"] || environment["LC_CTYPE"] || environment["LANG"] || "",
    forWorkers: {
      NODE_ENV: "production",
      ...(environment["PATH"] === undefined ? {} : { PATH: environment["PATH"] }),
      ...(environment["HOME"] === undefined ? {} : { HOME: environment["HOME"] }),
      ...(environment["TZ"] === undefined ? {} : { TZ: environment["TZ"] }),
    },
  };
}

function readDotEnv(path: string): Environment {
  const full = resolve(path);
  if (!existsSync(full)) return {};
  try {
    return parseEnv(readFileSync(full, "utf8"));
  } catch (cause) {
    throw usage(`cannot read ${full}: ${errorMessage(cause)}`, "correct or remove the file");
  }
}

function readConfigFile(path: string): z.infer<typeof fileSchema> {
  if (!existsSync(path)) return {};
  let content: unknown;
  try {
    content = parseYaml(readFileSync(path, "utf8")) ?? {};
  } catch (cause) {
    throw usage(`cannot read ${path}: ${errorMessage(cause)}`, "correct or remove the file");
  }
  const parsed = fileSchema.safeParse(content);
  if (!parsed.success) throw usage(`${path}: ${describeIssues(parsed.error)}`, "correct the file");
  return parsed.data;
}

function dropEmpty(environment: Environment): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
}

function usage(message: string, nextStep: string): OperatorError {
  return new OperatorError({ code: "usage", message, nextStep });
}
