import type { JsonSchema } from '../../validation/schema.ts';

/** A parameter as /openapi.json shows it. */
export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required?: boolean;
  description: string;
  schema: JsonSchema;
}
