/**
 * The format of every message: CloudEvents 1.0 in JSON (structured mode), with our extension
 * attributes in lower case as that specification demands.
 */
import { z } from "zod";
import { sessionIdSchema, stepKeySchema } from "./ids.ts";
import { jsonSchema } from "./json.ts";

/** Longest message in bytes; bigger data travels as an artifact. */
export const MAXIMUM_MESSAGE_BYTES = 256 * 1024;

/** Deepest nesting of a message. */
export const MAXIMUM_MESSAGE_DEPTH = 64;

/** What an id from the bus may look like: short, printable, safe in key names. */
const messageId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.:[\]-]{0,127}$/);

/** The attributes around `data`. */
export const envelopeSchema = z.object({
  specversion: z.literal("1.0"),
  id: messageId,
  /** Who sent it: a worker slot, `console`, or a foreign agent's own name. */
  source: z.string().min(1).max(200),
  type: z.string().min(1).max(100),
  /** The task's id, where the message is about one. */
  subject: messageId.optional(),
  time: z.iso.datetime({ offset: true }),
  datacontenttype: z.literal("application/json").optional(),
  runid: messageId.optional(),
  stepid: stepKeySchema.optional(),
  attempt: z.int().positive().optional(),
  sessionid: sessionIdSchema.optional(),
  correlationid: messageId.optional(),
  causationid: messageId.optional(),
  traceparent: z.string().max(100).optional(),
  /** When the attempt must have ended. */
  deadline: z.iso.datetime({ offset: true }).optional(),
  /** `stream` marks the public copy of a message that is already durable. */
  via: z.literal("stream").optional(),
  data: jsonSchema,
});
export type Envelope = z.infer<typeof envelopeSchema>;

/** An envelope whose data has been parsed by its topic's schema. */
export type Message<Data> = Omit<Envelope, "data"> & { readonly data: Data };
