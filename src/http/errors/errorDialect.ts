import type { JsonSchema } from '../../validation/schema.ts';
import type { ErrorStyle, RequestError } from './errors.ts';

/** The parts of an error answer that depend on the dialect. */
export interface DialectAnswer {
  status: number;
  body: object;
}

/** One format of errors: answer, texts and schema. */
export interface ErrorDialect {
  contentType: 'application/json' | 'application/problem+json';
  /** In the OpenAPI description. */
  schemaName: string;
  schema: JsonSchema;
  answer(refusal: RequestError, style: ErrorStyle): DialectAnswer;
}

export const text: JsonSchema = { type: 'string' };
export const statusCode: JsonSchema = { type: 'integer', minimum: 400, maximum: 599 };
