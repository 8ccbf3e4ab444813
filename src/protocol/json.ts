import { z } from "zod";
import type { JsonValue } from "../base/json-value.ts";

/** Any JSON value; its nesting has been bounded before it is checked (see parse-message.ts). */
export const jsonSchema: z.ZodType<JsonValue> = z.json();
