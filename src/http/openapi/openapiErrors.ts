import type { JsonSchema } from '../../validation/schema.ts';
import {
  errorAnswer,
  PROBLEM,
  REQUEST_ERRORS,
  RequestError,
  type ErrorStyle,
  type RequestErrorCode,
} from '../errors/errors.ts';
import { exactly } from '../../presentation/schemas.ts';

const text: JsonSchema = { type: 'string' };

/** The three shapes of errors and their shared codes. */
export const ERROR_SCHEMAS: Record<string, JsonSchema> = {
  PersonasError: {
    type: 'object',
    description: 'An error of a route under /api/personas; the header Problem-Code has its code.',
    properties: { message: text, errors: { type: 'array', items: exactly({ path: text, message: text }) } },
    required: ['message'],
    additionalProperties: false,
  },
  UsersError: {
    type: 'object',
    description: 'An error of a route under /users; the header Problem-Code has its code.',
    properties: {
      message: { oneOf: [text, { type: 'array', items: text }] },
      error: text,
      statusCode: { type: 'integer', minimum: 400, maximum: 599 },
    },
    required: ['message', 'statusCode'],
    additionalProperties: false,
  },
  Problem: {
    type: 'object',
    description: 'An error of every other route (RFC 9457).',
    properties: {
      type: { type: 'string', const: 'about:blank' },
      title: text,
      status: { type: 'integer', minimum: 400, maximum: 599 },
      code: { $ref: '#/components/schemas/ProblemCode' },
      detail: text,
      errors: { type: 'array', items: exactly({ path: text, detail: text }) },
    },
    required: ['type', 'title', 'status', 'code'],
    additionalProperties: false,
  },
  ProblemCode: {
    type: 'string',
    description: 'The error code. Codes keep their meaning; new ones may be added.',
    enum: Object.keys(REQUEST_ERRORS),
  },
};

const SCHEMA_NAMES = { personas: 'PersonasError', users: 'UsersError', problem: 'Problem' } as const;

/** Codes of the HTTP parser, before there is a route. */
const BY_PARSER: readonly RequestErrorCode[] = ['malformed', 'request-timeout', 'headers-too-large'];
const ONLY_BY_PARSER: readonly RequestErrorCode[] = ['request-timeout', 'headers-too-large'];

/** The content of an error answer, with an example per code. */
export function errorContent(codes: readonly RequestErrorCode[], style: ErrorStyle): object {
  const ofRoute = codes.filter((code) => !ONLY_BY_PARSER.includes(code));
  const ofParser = codes.filter((code) => BY_PARSER.includes(code));
  return {
    ...(ofParser.length > 0 ? contentOf(ofParser, PROBLEM) : {}),
    ...(ofRoute.length > 0 ? contentOf(ofRoute, style) : {}),
  };
}

function contentOf(codes: readonly RequestErrorCode[], style: ErrorStyle): object {
  const { contentType } = errorAnswer(new RequestError('internal'), style);
  const examples = codes.map((code) => [code, { value: errorAnswer(exampleRefusal(code), style).body }]);
  const schema = { $ref: `#/components/schemas/${SCHEMA_NAMES[style.dialect]}` };
  return { [contentType]: { schema, examples: Object.fromEntries(examples) as object } };
}

const FAULTS: Partial<Record<RequestErrorCode, { rule: string; wanted?: unknown }>> = {
  invalid: { rule: 'maxLength', wanted: 200 },
  taken: { rule: 'taken' },
};

function exampleRefusal(code: RequestErrorCode): RequestError {
  const fault = FAULTS[code];
  return new RequestError(code, fault ? { faults: [{ path: '/dni', member: 'dni', ...fault }] } : {});
}
