import { z } from "zod";

/** Between the name of a server and the name of its tool. */
export const TOOL_SEPARATOR = "__";

/** A server's name: no two underscores in a row, so that `server__tool` says which is which. */
const serverNameSchema = z
  .string()
  .regex(
    /^[A-Za-z0-9](?:[A-Za-z0-9-]|_(?!_)){0,39}$/,
    "a server's name has letters, digits, dashes and single underscores, 40 at most",
  );

/** A tool server of somebody else's, ready to be used: trusted, its variables filled in. */
export const mcpServerSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("stdio"),
    name: serverNameSchema,
    command: z.string().min(1),
    args: z.array(z.string()),
    env: z.record(z.string(), z.string()),
    cwd: z.string().optional(),
  }),
  z.object({
    kind: z.literal("http"),
    name: serverNameSchema,
    url: z.url({ protocol: /^https?$/ }),
    headers: z.record(z.string(), z.string()),
  }),
]);
export type McpServer = z.infer<typeof mcpServerSchema>;

/** The servers of the operator's file: those to be used, and why the others are not. */
export const mcpServersSchema = z.object({
  usable: z.array(mcpServerSchema),
  refused: z.array(z.object({ name: z.string(), reason: z.string(), nextStep: z.string() })),
});
export type McpServers = z.infer<typeof mcpServersSchema>;
