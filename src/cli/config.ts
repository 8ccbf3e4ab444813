/**
 * The effective configuration: flags over environment over file over defaults, each value with
 * where it came from. The only reader of the environment.
 */
import { existsSync, readFileSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { join, resolve } from "node:path";
import { parseEnv } from "node:util";
import { parse as parseYaml } from "yaml";
import { z } from "zod";
import { errorMessage } from "../base/error-message.ts";
import { OperatorError } from "../base/operator-error.ts";
import { maskUrl } from "../bus/address.ts";
import type { FailpointPlace } from "../protocol/control.ts";
import { failpointPlaceSchema } from "../protocol/control.ts";
import type { TaskAgentName } from "../protocol/ids.ts";
import { AGENT_NAMES, TASK_AGENT_NAMES, taskAgentNameSchema } from "../protocol/ids.ts";
import type { LanguageModelSettings } from "../protocol/language-model.ts";
import { DEFAULT_NAMESPACE, NAMESPACE_PATTERN } from "../protocol/names.ts";
import { describeIssues } from "../protocol/parse-message.ts";
import { agentFiles } from "./agent-folders.ts";
import type { CrewSizes } from "./crew-sizes.ts";
import { crewSizesSchema, writeCrewSizes } from "./crew-sizes.ts";
import type { CommonFlags } from "./flag.ts";
import {
  describeLanguageModel,
  LANGUAGE_MODEL_FILE_SHAPE,
  LANGUAGE_MODEL_VARIABLES,
  readLanguageModel,
} from "./language-model-settings.ts";
import type { ScreenSettings } from "./screen-settings.ts";
import { readScreenSettings, SCREEN_FILE_SHAPE, SCREEN_VARIABLES } from "./screen-settings.ts";
import type { Candidates, Places, Setting } from "./setting.ts";
import { pickSetting } from "./setting.ts";
import { closestTo } from "./suggest.ts";

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
  /** The agents that foreign programs play. */
  readonly external: Setting<readonly TaskAgentName[]>;
  /** Who answers questions; the offline analyst when undefined. */
  readonly llm: Setting<LanguageModelSettings | undefined>;
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
  /** The commands of VISUAL and EDITOR; empty where they are not set. */
  readonly editors: readonly string[];
  /** What text is written in, as far as the environment tells. */
  readonly locale: string;
  /** Where a worker is to die once, for tests of the promises. */
  readonly failAt: FailpointPlace | undefined;
  /** A variable of the process's own environment, for files that name some; `.env` has no say. */
  readonly variable: (name: string) => string | undefined;
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
  external: z.array(taskAgentNameSchema).optional(),
  ...LANGUAGE_MODEL_FILE_SHAPE,
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
  AIMIE_EXTERNAL: z.string().min(1).optional(),
  ...LANGUAGE_MODEL_VARIABLES,
  AIMIE_FAIL_AT: failpointPlaceSchema.optional(),
});

type Environment = Readonly<Record<string, string | undefined>>;

/** What was found in each of the places settings come from. */
interface Sources {
  readonly own: Environment;
  readonly environment: Environment;
  readonly variables: z.infer<typeof environmentSchema>;
  readonly file: z.infer<typeof fileSchema>;
  readonly places: Places;
  readonly folders: ReturnType<typeof readFolders>;
}

function readSources(): Sources {
  const own: Environment = process.env;
  const environment = { ...readDotEnv(".env"), ...own };
  const folders = readFolders(environment, own);
  const configPath = join(folders.configFolder.value, "config.yaml");
  const file = readConfigFile(configPath);
  const parsed = environmentSchema.safeParse(dropEmpty(environment));
  if (!parsed.success) {
    throw usage(describeIssues(parsed.error), "correct the environment or .env");
  }
  const places: Places = {
    variable: (name) => (own[name] === undefined ? ".env" : `env ${name}`),
    file: configPath,
  };
  return { own, environment, variables: parsed.data, file, places, folders };
}

/**
 * Reads the configuration.
 * @throws OperatorError `usage` for a value that cannot be used, with its source.
 */
export function readConfig(flags: CommonFlags): Config {
  const { own, environment, variables: env, file, places, folders } = readSources();
  const pick = <Value>(
    name: string,
    given: Candidates<Value>,
    fallback: Value,
    variable = `AIMIE_${name.toUpperCase()}`,
  ): Setting<Value> => pickSetting(given, fallback, { flag: name, variable, places });
  const namespace = pick(
    "namespace",
    { flag: flags.namespace, env: env.AIMIE_NAMESPACE, file: file.namespace },
    DEFAULT_NAMESPACE,
  );
  checkNamespace(namespace);
  const external = pick(
    "external",
    { flag: agentsOf(flags.external), env: agentsOf(env.AIMIE_EXTERNAL), file: file.external },
    [],
  );
  const workers = pick<CrewSizes>(
    "workers",
    { flag: flags.workers, env: env.AIMIE_WORKERS, file: file.workers },
    {},
  );
  const known = (): readonly string[] => [...agentFiles(folders.configFolder.value).keys()];
  checkAgents("external", external.source, external.value, [TASK_AGENT_NAMES, known]);
  checkAgents("workers", workers.source, Object.keys(workers.value), [AGENT_NAMES, known]);
  return {
    redis: pick<string | undefined>(
      "redis",
      { flag: flags.redis, env: env.AIMIE_REDIS_URL, file: file.redis },
      undefined,
      "AIMIE_REDIS_URL",
    ),
    broker: pick(
      "broker",
      { flag: flags.broker, env: env.AIMIE_BROKER, file: file.broker },
      "auto",
    ),
    fsync: pick("fsync", { flag: flags.fsync, env: env.AIMIE_FSYNC, file: file.fsync }, "everysec"),
    namespace,
    agents: pick(
      "agents",
      { flag: flags.agents, env: env.AIMIE_AGENTS, file: file.agents },
      "auto",
    ),
    session: pick<string | undefined>(
      "session",
      { flag: flags.session, env: env.AIMIE_SESSION, file: file.session },
      undefined,
    ),
    lease: pick("lease", { env: env.AIMIE_LEASE_MS, file: file.lease }, 30_000, "AIMIE_LEASE_MS"),
    external,
    workers,
    llm: readLanguageModel({ flag: flags.llmModel, variables: env, file, places }),
    ...folders,
    screen: readScreenSettings({ variables: env, file, places }),
    environment: { ...readFacts(environment, env.AIMIE_FAIL_AT), variable: (name) => own[name] },
  };
}

/** This process's environment with some variables changed, for a process that follows it. */
export function environmentWith(change: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return { ...process.env, ...change };
}

/** The settings for people: name, value (secrets masked), source. */
export function describeConfig(
  config: Config,
): readonly { readonly name: string; readonly value: string; readonly source: string }[] {
  const { environment: _, screen, llm, ...settings } = config;
  const model = llm.value === undefined ? undefined : describeLanguageModel(llm.value);
  return Object.entries({ ...settings, llm: { ...llm, value: model }, ...screen }).map(
    ([name, { value, source }]) => ({
      name,
      value: describe(name, value),
      source,
    }),
  );
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
  const home = homeFolder(environment["HOME"]);
  const folder = (variable: string, fallback: string): Setting<string> => {
    const base = environment[variable];
    // The XDG specification says that a relative path is to be ignored.
    const valid = base !== undefined && /^\//.test(base);
    if (!valid && home === undefined) {
      const nextStep = "set HOME, or XDG_STATE_HOME, XDG_CACHE_HOME and XDG_CONFIG_HOME";
      throw usage("this user has no home folder", nextStep);
    }
    return {
      value: join(valid ? base : join(home ?? "/", fallback), "aimie-console"),
      source: valid ? (own[variable] === undefined ? ".env" : `env ${variable}`) : "default",
    };
  };
  return {
    stateFolder: folder("XDG_STATE_HOME", ".local/state"),
    cacheFolder: folder("XDG_CACHE_HOME", ".cache"),
    configFolder: folder("XDG_CONFIG_HOME", ".config"),
  };
}

/** The user's home; undefined for a user that the system does not know, as in some containers. */
function homeFolder(given = ""): string | undefined {
  if (given.startsWith("/")) return given;
  try {
    return userInfo().homedir;
  } catch {
    return undefined;
  }
}

/** @throws OperatorError `usage` for one that cannot become part of names. */
function checkNamespace({ value, source }: Setting<string>): void {
  if (NAMESPACE_PATTERN.test(value)) return;
  throw usage(
    `the namespace "${value}" (${source}) cannot be used`,
    "use letters, digits, dashes and underscores, 40 at most",
  );
}

/** @throws OperatorError `usage` for an agent that is neither built in nor found in a folder. */
function checkAgents(
  setting: string,
  source: string,
  wanted: readonly string[],
  [builtIn, readOwn]: readonly [readonly string[], () => readonly string[]],
): void {
  const strangers = wanted.filter((name) => !builtIn.includes(name));
  if (strangers.length === 0) return;
  const all = [...builtIn, ...readOwn()];
  const unknown = strangers.find((name) => !all.includes(name));
  if (unknown === undefined) return;
  const closest = closestTo(unknown, all);
  throw usage(
    `${setting} (${source}): no agent is called "${unknown}"`,
    closest === undefined ? `name some of ${all.join(", ")}` : `did you mean ${closest}?`,
  );
}

/** @throws OperatorError `usage` for a name that no agent can have. */
function agentsOf(list: string | undefined): readonly TaskAgentName[] | undefined {
  return list?.split(",").map((name) => {
    const agent = taskAgentNameSchema.safeParse(name.trim());
    if (agent.success) return agent.data;
    throw usage(
      `no agent is called "${name.trim()}"`,
      `name some of ${TASK_AGENT_NAMES.join(", ")}`,
    );
  });
}

function readFacts(
  environment: Environment,
  failAt: FailpointPlace | undefined,
): Omit<EnvironmentFacts, "variable"> {
  return {
    searchPath: environment["PATH"] ?? "",
    host:
      hostname()
        .replace(/[^A-Za-z0-9_.-]/g, "-")
        .slice(0, 60) || "localhost",
    noColour: (environment["NO_COLOR"] ?? "") !== "",
    colourTerm: environment["COLORTERM"] ?? "",
    term: environment["TERM"] ?? "",
    editors: [environment["VISUAL"] ?? "", environment["EDITOR"] ?? ""],
    locale: environment["LC_ALL"] || environment["LC_CTYPE"] || environment["LANG"] || "",
    failAt,
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
