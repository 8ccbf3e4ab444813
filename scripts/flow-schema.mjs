/** Writes docs/flow.schema.json, the form of a flow file for editors. */
import { writeFileSync } from "node:fs";
import { flowJsonSchema } from "../src/orchestrator/flow-json-schema.ts";

writeFileSync(new URL("../docs/flow.schema.json", import.meta.url), flowJsonSchema());
