import type { SimulationToolConfig } from "./config.ts";

/** How a simulation is followed and stopped. */
export interface SimulationToolContext {
  readonly config: SimulationToolConfig;
  /** Called with the share that is done, 0 to 1, and what is being done. */
  readonly onProgress?: ((fraction: number, message: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}
