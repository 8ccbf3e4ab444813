import { z } from "zod";

/** A column of a tabular artifact. */
export const columnSchema = z.object({
  name: z.string().max(1000),
  type: z.enum(["number", "string"]),
  unit: z.string().max(100).optional(),
});
export type Column = z.infer<typeof columnSchema>;

/**
 * Points to a stored file by its content: no path, so that the message means the same on every
 * machine. `bytes` is the file's size; `rows` and `columns` describe tables.
 */
export const artifactSchema = z.object({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  mediaType: z.string().max(100),
  bytes: z.int().nonnegative(),
  name: z.string().regex(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$/),
  rows: z.int().nonnegative().optional(),
  columns: z.array(columnSchema).max(1000).optional(),
});
export type Artifact = z.infer<typeof artifactSchema>;

/** Deepest value that is looked into, as deep as a message may be. */
const MAXIMUM_DEPTH = 64;

/** Every artifact that a value points to, in the order of its members. */
export function artifactsIn(value: unknown, depth = 0): readonly Artifact[] {
  if (value === null || typeof value !== "object" || depth > MAXIMUM_DEPTH) return [];
  const artifact = artifactSchema.safeParse(value);
  if (artifact.success) return [artifact.data];
  return Object.values(value).flatMap((member) => artifactsIn(member, depth + 1));
}
