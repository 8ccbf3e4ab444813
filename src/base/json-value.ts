/** Anything JSON can carry. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** Tells arrays from objects in a way that narrows `JsonValue`. */
export function isJsonArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** A plain value as the JSON it would become: members that are undefined are left out. */
export function toJsonValue(value: unknown): JsonValue {
  const copy: JsonValue = JSON.parse(JSON.stringify(value ?? null));
  return copy;
}

/** Whether JSON can carry a value as it is; recurses as deep as the value is nested. */
export function isJsonValue(value: unknown): value is JsonValue {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true;
    case "number":
      return Number.isFinite(value);
    case "object":
      return value === null || membersAreJson(value);
    default:
      return false;
  }
}

function membersAreJson(value: object): boolean {
  if (Array.isArray(value)) return value.every(isJsonValue);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  for (const member of Object.values(value)) {
    if (!isJsonValue(member)) return false;
  }
  return true;
}
