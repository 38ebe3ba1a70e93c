import type { JsonSchema } from '../validation/schema.ts';

const names = new WeakMap<JsonSchema, string>();

/** Gives a schema its name among the components of /openapi.json. Returns the same schema. */
export function named<Schema extends JsonSchema>(name: string, schema: Schema): Schema {
  names.set(schema, name);
  return schema;
}

/** The name of a schema; null if it has none and is written inline. */
export const nameOf = (schema: JsonSchema): string | null => names.get(schema) ?? null;
