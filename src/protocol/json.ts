import { z } from "zod";
import type { JsonValue } from "../base/json-value.ts";
import { isJsonValue } from "../base/json-value.ts";

/**
 * Any JSON value; its nesting has been bounded before it is checked (see parse-message.ts).
 * One walk over the value, where `z.json()` tries every kind of value at every member.
 */
export const jsonSchema: z.ZodType<JsonValue> = z.custom<JsonValue>(isJsonValue, "not JSON");
