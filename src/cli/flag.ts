/** Flags of the command line: what each is called, what it takes, and how it is checked. */
import { z } from "zod";
import { crewSizesSchema } from "./crew-sizes.ts";

/** What help, documentation and completion say of a flag. */
export interface FlagWords {
  /** `text` takes a value, `texts` may be repeated, `switch` takes none. */
  readonly kind: "text" | "texts" | "switch";
  /** How the value is shown, such as `SECONDS`; for a switch nothing. */
  readonly placeholder?: string;
  readonly says: string;
  /** One letter that means the same. */
  readonly short?: string;
  /** The words the value is one of. */
  readonly values?: readonly string[];
}

const registry = z.registry<FlagWords>();

/** A flag: its words and the schema of its value. The schema belongs to this flag alone. */
export function flag<Schema extends z.ZodType>(words: FlagWords, schema: Schema): Schema {
  registry.add(schema, words);
  return schema;
}

/** The flags of a verb by their names in code (`dryRun` is `--dry-run`). */
export type FlagShape = Readonly<Record<string, z.ZodType>>;

/** One flag with its words, for those who list flags. */
export interface NamedFlag extends FlagWords {
  /** The name in code. */
  readonly name: string;
  /** What it is when it is not given; undefined when that is not one fixed value. */
  readonly fallback: string | undefined;
}

/** The flags of a shape, in its order. */
export function flagsOf(shape: FlagShape): readonly NamedFlag[] {
  return Object.entries(shape).map(([name, schema]) => {
    const words = registry.get(schema);
    if (words === undefined) throw new Error(`the flag ${name} has no words`);
    return { name, ...words, fallback: fallbackOf(schema) };
  });
}

function fallbackOf(schema: z.ZodType): string | undefined {
  const { data } = schema.safeParse(undefined);
  return typeof data === "string" || typeof data === "number" ? String(data) : undefined;
}

/** A flag's name as it is typed, without the dashes. */
export function typedName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

const FORMS = ["text", "json", "jsonl"] as const;
const BROKERS = ["auto", "redis", "embedded"] as const;
const FSYNCS = ["everysec", "always"] as const;
const CREWS = ["auto", "own", "none"] as const;

/** How results are printed. */
export type OutputForm = (typeof FORMS)[number];

/** The flags every verb understands. */
export const COMMON_FLAGS = {
  output: flag(
    {
      kind: "text",
      placeholder: "FORM",
      says: "text (default), json (one value at the end), jsonl (a line each as they happen)",
      values: FORMS,
    },
    z.enum(FORMS, "--output is text, json or jsonl").default("text"),
  ),
  session: flag(
    {
      kind: "text",
      placeholder: "NAME",
      says: "the session to use, made when missing; default: the last one",
    },
    z.string().min(1).max(200).optional(),
  ),
  redis: flag(
    {
      kind: "text",
      placeholder: "URL",
      says: "redis://, rediss://, unix:/path, redis-cluster://, redis-sentinel://",
    },
    z.string().optional(),
  ),
  broker: flag(
    {
      kind: "text",
      placeholder: "KIND",
      says: "without --redis: auto (default), redis, embedded",
      values: BROKERS,
    },
    z.enum(BROKERS, "--broker is auto, redis or embedded").optional(),
  ),
  fsync: flag(
    {
      kind: "text",
      placeholder: "WHEN",
      says: "a broker we start syncs its file everysec (default) or always",
      values: FSYNCS,
    },
    z.enum(FSYNCS, "--fsync is everysec or always").optional(),
  ),
  namespace: flag(
    { kind: "text", placeholder: "NAME", says: "keeps several teams apart on one Redis" },
    z.string().optional(),
  ),
  agents: flag(
    {
      kind: "text",
      placeholder: "WHO",
      says: "auto (default: use running workers, else start them), own, none",
      values: CREWS,
    },
    z.enum(CREWS, "--agents is auto, own or none").optional(),
  ),
  workers: flag(
    {
      kind: "text",
      placeholder: "SIZES",
      says: "how many of each to start, such as simulation=2,qna=2; default 1",
    },
    crewSizesSchema.optional(),
  ),
  external: flag(
    {
      kind: "text",
      placeholder: "AGENTS",
      says: "agents that foreign programs play over Pub/Sub, such as qna,viz; your own too",
    },
    z.string().optional(),
  ),
  llmModel: flag(
    {
      kind: "text",
      placeholder: "NAME",
      says: "the language model that answers questions (AIMIE_LLM_*); off: none",
    },
    z.string().min(1).max(200).optional(),
  ),
  help: flag(
    { kind: "switch", short: "h", says: "this text; after a verb: that verb's" },
    z.boolean().default(false),
  ),
  version: flag({ kind: "switch", short: "v", says: "the version" }, z.boolean().default(false)),
};

const commonFlags = z.object(COMMON_FLAGS);

/** The values of the flags every verb understands. */
export type CommonFlags = Readonly<z.infer<typeof commonFlags>>;
