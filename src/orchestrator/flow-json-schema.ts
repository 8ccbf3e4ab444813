/** The form of a flow file for editors: what `docs/flow.schema.json` holds. */
import { z } from "zod";
import { flowFileSchema } from "./flow-file-schema.ts";

/** The JSON Schema of a flow file, as text; what only the graph tells is not in it. */
export function flowJsonSchema(): string {
  const schema = z.toJSONSchema(flowFileSchema, { io: "input", unrepresentable: "any" });
  const titled = { ...schema, title: "A flow file of aimie-console" };
  return `${JSON.stringify(titled, null, 2)}\n`;
}
