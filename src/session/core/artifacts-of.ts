/** The artifacts that runs point to. */
import type { Artifact } from "../../protocol/artifact.ts";
import { artifactSchema } from "../../protocol/artifact.ts";

/** Every artifact in a value, at whatever depth, each once. */
export function artifactsIn(value: unknown): readonly Artifact[] {
  const found = new Map<string, Artifact>();
  const look = (one: unknown): void => {
    if (one === null || typeof one !== "object") return;
    const artifact = artifactSchema.safeParse(one);
    if (artifact.success)
      found.set(`${artifact.data.sha256} ${artifact.data.mediaType}`, artifact.data);
    else for (const member of Object.values(one)) look(member);
  };
  look(value);
  return [...found.values()];
}
