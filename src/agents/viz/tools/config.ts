import { z } from "zod";

/** What the chart tools need to know, given as one JSON argument when the server is started. */
export const toolConfigSchema = z.strictObject({
  /** Where artifacts are found and stored. */
  artifactFolder: z.string().min(1),
  /** The version of the program, for reports. */
  version: z.string().max(100).optional(),
});
export type ToolConfig = z.infer<typeof toolConfigSchema>;
