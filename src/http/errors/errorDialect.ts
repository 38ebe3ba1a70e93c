import type { JsonSchema } from '../../validation/schema.ts';
import type { ErrorStyle, RequestError } from './errors.ts';

/** What a dialect decides of an error answer. */
export interface DialectAnswer {
  status: number;
  body: object;
}

/** One format of errors: everything that makes it up. */
export interface ErrorDialect {
  contentType: 'application/json' | 'application/problem+json';
  /** In the OpenAPI description. */
  schemaName: string;
  schema: JsonSchema;
  answer(refusal: RequestError, style: ErrorStyle): DialectAnswer;
}

export const text: JsonSchema = { type: 'string' };
export const statusCode: JsonSchema = { type: 'integer', minimum: 400, maximum: 599 };
