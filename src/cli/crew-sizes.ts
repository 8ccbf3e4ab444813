/** How many workers of each agent are started, as people write it: `simulation=2,qna=1`. */
import { z } from "zod";
import type { AgentName } from "../protocol/ids.ts";
import { agentNameSchema } from "../protocol/ids.ts";

/** The number of workers by agent; an agent that is not named has one. */
export type CrewSizes = Readonly<Partial<Record<AgentName, number>>>;

/** The most workers of one agent that are started. */
const MAXIMUM_CREW = 64;

const FORM = `write AGENT=NUMBER,…, such as simulation=2,qna=1; NUMBER is 1 to ${MAXIMUM_CREW}`;

/**
 * Reads `simulation=2,qna=1`; what cannot be read is refused with how it is written. Whether there is
 * such an agent, whoever knows the agents of the user's own has to say.
 */
export const crewSizesSchema = z.string().transform((text, context): CrewSizes => {
  const sizes: Partial<Record<AgentName, number>> = {};
  for (const part of text.split(",")) {
    const [, name, digits] = /^\s*([a-z][a-z0-9-]*)\s*=\s*(\d{1,3})\s*$/.exec(part) ?? [];
    const agent = agentNameSchema.safeParse(name).data;
    const size = Number(digits);
    if (agent === undefined || size < 1 || size > MAXIMUM_CREW) {
      context.addIssue({ code: "custom", message: `"${part.trim()}" cannot be used: ${FORM}` });
      return z.NEVER;
    }
    sizes[agent] = size;
  }
  return sizes;
});

/** The sizes as they are written. */
export function writeCrewSizes(sizes: CrewSizes): string {
  return Object.entries(sizes)
    .map(([agent, size]) => `${agent}=${size}`)
    .join(",");
}
