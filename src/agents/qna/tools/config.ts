import { z } from "zod";
import { err, ok, type Result } from "../../../base/result.ts";

/** The configuration of the question-answering tool server: one JSON argument. */
const qnaToolConfigSchema = z.object({
  /** The folder artifacts are kept in; nothing outside it is read. */
  artifactFolder: z.string().min(1),
});
export type QnaToolConfig = z.infer<typeof qnaToolConfigSchema>;

/** Reads the configuration from the server's first argument; the error is a sentence. */
export function readQnaToolConfig(argument: string | undefined): Result<QnaToolConfig, string> {
  let json: unknown;
  try {
    json = JSON.parse(argument ?? "");
  } catch {
    return err('The first argument must be JSON such as {"artifactFolder":"/path"}.');
  }
  const parsed = qnaToolConfigSchema.safeParse(json);
  return parsed.success ? ok(parsed.data) : err(z.prettifyError(parsed.error));
}
