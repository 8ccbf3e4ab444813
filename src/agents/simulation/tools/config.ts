import { z } from "zod";
import type { Result } from "../../../base/result.ts";
import { err, ok } from "../../../base/result.ts";

/** What the simulation tool server is told when it starts, as one JSON argument. */
const simulationToolConfigSchema = z.object({
  /** Where results are stored. */
  artifactFolder: z.string().min(1),
  /** Where `<model>.xmile` and `<model>.yaml` are looked for, in this order. */
  modelFolders: z.array(z.string().min(1)).max(20),
  /** Absent: no command model is trusted. */
  commandModels: z
    .object({ trustFile: z.string(), environment: z.record(z.string(), z.string()) })
    .optional(),
});
export type SimulationToolConfig = z.infer<typeof simulationToolConfigSchema>;

/** Reads the argument the server is started with; the error says what is wrong with it. */
export function readSimulationToolConfig(
  argument: string | undefined,
): Result<SimulationToolConfig, string> {
  try {
    const config = simulationToolConfigSchema.safeParse(JSON.parse(argument ?? ""));
    return config.success ? ok(config.data) : err(z.prettifyError(config.error));
  } catch {
    return err("The first argument is not JSON.");
  }
}
